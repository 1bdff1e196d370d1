/**
 * The manager's shell: what `JobManager` does around the parts that decide, step for step, without threads, files
 * and options.
 */
import { type IdSource, silentLogger } from '@heddle/base';
import type { Entry } from '@heddle/gcs';
import { JobBoard } from '../../packages/jobs/src/job-board.ts';
import { JobQueue } from '../../packages/jobs/src/job-queue.ts';
import type { JobRecord } from '../../packages/jobs/src/job-record.ts';
import { JobRecords } from '../../packages/jobs/src/job-records.ts';
import { resolveJobManagerOptions } from '../../packages/jobs/src/options.ts';
import { OrphanSweep } from '../../packages/jobs/src/orphan-sweep.ts';
import { recoverJobs } from '../../packages/jobs/src/recover.ts';
import { Replacements } from '../../packages/jobs/src/replacements.ts';
import type { JobSubmitOptions } from '../../packages/jobs/src/submission.ts';
import { Submissions } from '../../packages/jobs/src/submissions.ts';
import { type Actor, IDENTITY, type SimDaemon } from './daemon.ts';
import { LauncherLink } from './launcher-link.ts';
import { Life } from './timeline.ts';
import type { World } from './world.ts';

const SWEEP_PERIOD_MS = 30_000;
const OPTIONS = resolveJobManagerOptions({ directory: '/nowhere', environment: {} });

export class SimManager {
  readonly life: Life;
  readonly #world: World;
  readonly #daemon: SimDaemon;
  readonly #records: JobRecords;
  readonly #board: JobBoard;
  readonly #queue: JobQueue;
  readonly #link: LauncherLink;
  readonly #sweep: OrphanSweep;
  readonly #submissions: Submissions;
  readonly #replacements: Replacements;
  /** Those that this manager watches. */
  readonly #watched = new Map<string, Actor>();
  readonly #opened = Promise.withResolvers<void>();
  #isOpen = false;

  constructor(world: World, daemon: SimDaemon) {
    this.#world = world;
    this.#daemon = daemon;
    this.life = new Life('manager', daemon.life);
    this.#records = new JobRecords(daemon.tables.connect(this.life));
    this.#board = new JobBoard(
      (submissionId) => this.#changed(submissionId),
      () => world.timeline.nowMs,
    );
    this.#queue = new JobQueue({ maxRunningJobs: world.maxRunningJobs, maxPendingJobs: 1_000, resources: {} });
    this.#link = new LauncherLink(world, this.life);
    const parts = {
      records: this.#records,
      board: this.#board,
      queue: this.#queue,
      supervisors: this.#supervisors,
      clock: world.timeline.clockOf(this.life),
      logger: silentLogger,
      closing: new AbortController().signal,
    };
    const ids: IdSource = { next: (kind) => world.nextId(kind) };
    this.#submissions = new Submissions({ ...parts, options: { ...OPTIONS, clock: parts.clock, ids } });
    this.#replacements = new Replacements(parts);
    this.#sweep = new OrphanSweep({
      identity: IDENTITY,
      board: this.#board,
      queue: this.#queue,
      supervisors: this.#supervisors,
      processes: daemon.processesFor(this.life),
      launcher: this.#link,
      clock: world.timeline.clockOf(this.life),
      logger: silentLogger,
      supervise: (submissionId) => void this.#replacements.supervise(submissionId),
    });
    void this.#open();
  }

  /** Resolves when requests are taken. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.life.isOver;
  }

  /** The id, when the client has it. */
  submit(job: JobSubmitOptions & { readonly submissionId: string }): Promise<string> {
    const accepting = this.#submissions.submit(job);
    if (!this.#world.has('accept-before-durable')) return accepting;
    accepting.catch(() => {});
    return Promise.resolve(job.submissionId);
  }

  /** Whether the job will be STOPPED by this. */
  stop(submissionId: string): Promise<boolean> {
    const stopping = this.#submissions.stop(submissionId);
    if (!this.#world.has('stop-before-durable') || this.#board.isOver(submissionId)) return stopping;
    stopping.catch(() => {});
    return Promise.resolve(true);
  }

  /** An actor has died for good, or has exited. */
  actorEnded(actor: Actor): void {
    if (this.life.isOver || this.#watched.get(actor.submissionId) !== actor) return;
    this.#watched.delete(actor.submissionId);
    if (!this.#board.isOver(actor.submissionId)) void this.#replacements.replace(actor.submissionId, undefined);
  }

  async #open(): Promise<void> {
    let waiting: ((change: Parameters<JobBoard['apply']>[0]) => void) | undefined;
    const early: Parameters<JobBoard['apply']>[0][] = [];
    this.#daemon.tables.follow(this.life, (change) => (waiting === undefined ? early.push(change) : waiting(change)));
    const { revision, entries } = await this.#records.snapshot(() => true);
    for (const entry of entries) this.#board.put(entry);
    this.#board.retain(new Set(entries.map((entry) => entry.key)), revision);
    waiting = (change) => this.#board.apply(change);
    for (const change of early) if (change.revision > revision) waiting(change);
    await this.#recover(entries);
    this.#isOpen = true;
    this.#opened.resolve();
    this.#world.timeline.clockOf(this.life).every(SWEEP_PERIOD_MS, () => void this.#sweep.run().catch(() => {}));
    this.#submissions.open(entries);
  }

  async #recover(entries: readonly Entry<JobRecord>[]): Promise<void> {
    try {
      await recoverJobs({
        entries,
        identity: IDENTITY,
        launcher: await this.#link.get(),
        processes: this.#daemon.processesFor(this.life),
        here: this.#world.machine.here,
        supervisors: this.#supervisors,
        queue: this.#queue,
        clock: this.#world.timeline.clockOf(this.life),
      });
      await this.#sweep.run(0);
    } catch (error) {
      this.#world.daemonFails(error); // The launcher has died meanwhile.
      await new Promise(() => {});
    }
  }

  get #supervisors() {
    return {
      living: () => [...this.#daemon.actors.values()],
      adopt: async (submissionId: string) => {
        const actor = this.#daemon.actors.get(submissionId);
        if (actor !== undefined) this.#watched.set(submissionId, actor);
        return actor !== undefined;
      },
      start: (job: JobRecord, fresh?: Entry<JobRecord>) => {
        if (!this.#watched.has(job.submissionId))
          this.#watched.set(job.submissionId, this.#daemon.spawnActor(job, fresh));
      },
      stop: async (submissionId: string) => {
        await this.#world.timeline.pause(this.#world.latencyMs(), this.life);
        await this.#daemon.actors
          .get(submissionId)
          ?.supervision?.stop()
          .catch(() => {});
      },
      untilTakenUp: async (submissionId: string) => this.#daemon.actors.get(submissionId)?.supervision?.takenUp,
      kill: async (submissionId: string) => {
        this.#watched.delete(submissionId);
        return this.#daemon.killActor(submissionId);
      },
    };
  }

  #changed(submissionId: string): void {
    if (!this.#board.isOver(submissionId)) return;
    this.#queue.take(submissionId);
    this.#replacements.forget(submissionId);
    this.#submissions.startNext();
  }
}
