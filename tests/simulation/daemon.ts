/**
 * A daemon: its tables' server, the thread of its supervisors, and its manager.
 *
 * Everything that decides is the product's: `Supervision`, `recoverJobs`, `OrphanSweep`, `JobBoard`, `JobQueue`,
 * `JobRecords`. What is written here is what starts and ends them: threads and actors.
 */

import { isTerminal } from '@heddle/api';
import type { Entry, Table } from '@heddle/gcs';
import type { MarkedProcess } from '@heddle/launcher';
import type { JobRecord } from '../../packages/jobs/src/job-record.ts';
import { JobRecords } from '../../packages/jobs/src/job-records.ts';
import { Supervision } from '../../packages/jobs/src/supervision.ts';
import { LauncherLink } from './launcher-link.ts';
import type { Process } from './machine.ts';
import { SimManager } from './manager.ts';
import { TableServer } from './tables.ts';
import { Life } from './timeline.ts';
import type { World } from './world.ts';

export const IDENTITY = 'ours';
const SETTLE_GATHER_MS = 50;

/** A named actor, in as many incarnations as its thread has. */
export interface Actor {
  readonly submissionId: string;
  readonly actorId: string;
  readonly attemptId: string;
  readonly fateSharing: boolean;
  fresh: Entry<JobRecord> | undefined;
  supervision: Supervision | undefined;
}

export class SimDaemon {
  readonly life: Life;
  readonly tables: TableServer;
  readonly actors = new Map<string, Actor>();
  manager: SimManager;
  readonly #world: World;
  #thread: Life;
  #link: LauncherLink;

  constructor(world: World) {
    this.#world = world;
    this.life = new Life('daemon', world.machine.life);
    this.tables = new TableServer(world, world.disk, this.life);
    this.#thread = new Life('thread', this.life);
    this.#link = new LauncherLink(world, this.#thread);
    this.manager = new SimManager(world, this);
  }

  /** The thread of the supervisors dies; a moment later there is another, with all of them. */
  killThread(): void {
    this.#thread.end();
    for (const actor of this.actors.values()) {
      actor.supervision = undefined;
      actor.fresh = undefined;
      if (actor.fateSharing) this.#remove(actor);
    }
    this.#thread = new Life('thread', this.life);
    this.#link = new LauncherLink(this.#world, this.#thread);
    this.#world.timeline.after(this.#world.random.between(20, 300), this.#thread, () => {
      for (const actor of this.actors.values()) if (actor.supervision === undefined) this.#incarnate(actor);
    });
  }

  /** The manager alone ends; another is opened over the same supervisors. */
  reopenManager(): void {
    this.manager.life.end();
    this.manager = new SimManager(this.#world, this);
  }

  spawnActor(job: JobRecord, fresh: Entry<JobRecord> | undefined): Actor {
    const { submissionId, attemptId, fateSharing } = job;
    const actorId = this.#world.nextId('actor');
    const actor: Actor = { submissionId, actorId, attemptId, fateSharing, fresh, supervision: undefined };
    this.actors.set(submissionId, actor);
    this.#incarnate(actor);
    return actor;
  }

  /** Kills an actor that has nothing left to do. */
  killActor(submissionId: string): boolean {
    return this.actors.delete(submissionId);
  }

  /** The processes with a mark of this directory, as one thread finds and kills them. */
  processesFor(life: Life) {
    const { machine } = this.#world;
    const prefix = this.#world.has('sweep-of-neighbours') ? '' : `${IDENTITY}:`;
    const look = <T>(work: () => T) => this.#world.timeline.later(this.#world.random.between(1, 20), life, work);
    const find = () =>
      look(() => machine.marked(prefix).filter(({ mark }) => mark !== undefined) as unknown as MarkedProcess[]);
    const isOne = (process: Process, marks: ReadonlySet<string | undefined>) =>
      this.#world.has('signals-by-pid')
        ? [...marks].some((mark) => machine.pidOf(mark ?? '') === process.pid)
        : marks.has(process.mark);
    const kill = async (marks: ReadonlySet<string | undefined>) => {
      for (let empty = 0; empty < 2; ) {
        empty = await look(() => {
          const found = machine.living().filter((process) => isOne(process, marks));
          for (const process of found) machine.kill(process);
          return found.length === 0 ? empty + 1 : 0;
        });
      }
      return { signals: [], survivors: [] };
    };
    return {
      find,
      count: (mark: string) => look(() => machine.living().filter((each) => isOne(each, new Set([mark]))).length),
      kill: (mark: string) => kill(new Set([mark])),
      killFound: (processes: readonly MarkedProcess[]) => kill(new Set(processes.map(({ mark }) => mark))),
    };
  }

  #incarnate(actor: Actor): void {
    const world = this.#world;
    const thread = this.#thread;
    const link = this.#link;
    const life = new Life(actor.actorId, thread);
    const settled = (attemptId: string) =>
      world.timeline.after(SETTLE_GATHER_MS, thread, () => {
        void link
          .get()
          .then((launcher) => launcher.settle([attemptId]))
          .catch(() => {});
      });
    const records = new JobRecords(this.#tableOf(thread, link));
    const supervision = new Supervision(
      {
        submissionId: actor.submissionId,
        attemptId: actor.attemptId,
        actorId: actor.actorId,
        awaitsRecord: actor.fresh !== undefined,
      },
      { identity: IDENTITY, logDirectory: '/nowhere', inherited: {} },
      {
        here: world.has('signals-by-pid') ? world.machine.firstBoot : world.machine.here,
        clock: world.timeline.clockOf(life),
        records: () => records,
        launcher: () => link.get(),
        processes: this.processesFor(life),
        workspace: async () => ({ directory: '/', isAsked: false }),
        logs: { endsInLine: async () => false, quoteLastLines: async () => '' },
        ageMs: (started) => world.machine.ageMs(started),
        settled,
      },
    );
    actor.supervision = supervision;
    if (actor.fresh !== undefined) supervision.begin(actor.fresh);
    void supervision.run().then(() => {
      if (actor.supervision !== supervision) return;
      world.timeline.after(world.latencyMs(), thread, () => {
        if (this.actors.get(actor.submissionId) === actor) this.#remove(actor);
      });
    });
  }

  #remove(actor: Actor): void {
    this.actors.delete(actor.submissionId);
    this.#world.timeline.after(1, this.life, () => this.manager.actorEnded(actor));
  }

  /** A planted bug tells the launcher of a settled attempt when it begins to write that, not when it is durable. */
  #tableOf(thread: Life, link: LauncherLink): Table<JobRecord> {
    const table = this.tables.connect(thread, this.#world.has('stale-supervisor'));
    if (!this.#world.has('settle-before-durable')) return table;
    return {
      ...table,
      put: async (key, value, options) => {
        if (isTerminal(value.status)) await (await link.get()).settle([value.attemptId]);
        return table.put(key, value, options);
      },
    };
  }
}
