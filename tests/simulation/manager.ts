/**
 * The manager's shell: what `JobManager` does around the parts that decide, step for step, without threads, files
 * and options.
 */
import { isTerminal } from '@heddle/api';
import { silentLogger } from '@heddle/base';
import type { Entry } from '@heddle/gcs';
import { JobBoard } from '../../packages/jobs/src/job-board.ts';
import { JobQueue } from '../../packages/jobs/src/job-queue.ts';
import { type JobRecord, type JobRequest, newJobRecord, withStopRequest } from '../../packages/jobs/src/job-record.ts';
import { JobRecords } from '../../packages/jobs/src/job-records.ts';
import { OrphanSweep } from '../../packages/jobs/src/orphan-sweep.ts';
import { recoverJobs } from '../../packages/jobs/src/recover.ts';
import { type Actor, IDENTITY, type SimDaemon } from './daemon.ts';
import { LauncherLink } from './launcher-link.ts';
import { Life } from './timeline.ts';
import type { World } from './world.ts';

const SWEEP_PERIOD_MS = 30_000;
const STOP_HEARD_MS = 1_000;
const REPLACE_MS = 100;

export class SimManager {
  readonly life: Life;
  readonly #world: World;
  readonly #daemon: SimDaemon;
  readonly #records: JobRecords;
  readonly #board: JobBoard;
  readonly #queue: JobQueue;
  readonly #link: LauncherLink;
  readonly #sweep: OrphanSweep;
  /** Those that this manager watches. */
  readonly #watched = new Map<string, Actor>();
  readonly #opened = Promise.withResolvers<void>();
  #foundRevision = 0;
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
    this.#sweep = new OrphanSweep({
      identity: IDENTITY,
      board: this.#board,
      queue: this.#queue,
      supervisors: this.#supervisors,
      processes: daemon.processesFor(this.life),
      launcher: this.#link,
      clock: world.timeline.clockOf(this.life),
      logger: silentLogger,
      supervise: (submissionId) => void this.#supervise(submissionId),
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

  /** Resolves when the client has its answer: whether the id was free. */
  async submit(request: JobRequest): Promise<boolean> {
    const record = newJobRecord(request, this.#world.nextId('attempt'), this.#wallMs());
    const accepting = this.#accept(record);
    return this.#world.has('accept-before-durable') ? true : accepting;
  }

  /** Whether the job will be STOPPED by this; undefined: there is no such job. */
  async stop(submissionId: string): Promise<boolean | undefined> {
    const nowMs = this.#wallMs();
    const change = this.#records.change(submissionId, (record) =>
      record.stopRequestedAtMs === null ? withStopRequest(record, nowMs) : undefined,
    );
    if (this.#world.has('stop-before-durable') && !this.#board.isOver(submissionId)) return true;
    const { entry } = await change;
    if (entry === undefined) return undefined;
    if (isTerminal(entry.value.status)) return false;
    await this.#tellEnd(entry);
    return true;
  }

  /** An actor has died for good, or has exited. */
  actorEnded(actor: Actor): void {
    if (this.life.isOver || this.#watched.get(actor.submissionId) !== actor) return;
    this.#watched.delete(actor.submissionId);
    if (this.#board.isOver(actor.submissionId)) return;
    void this.#world.timeline.pause(REPLACE_MS, this.life).then(() => this.#supervise(actor.submissionId));
  }

  async #accept(record: JobRecord): Promise<boolean> {
    const entry = await this.#records.create(record);
    if (entry === undefined) return false;
    this.#queue.add(entry, false);
    this.#board.put(entry);
    this.#startWaiting();
    return true;
  }

  async #open(): Promise<void> {
    let waiting: ((change: Parameters<JobBoard['apply']>[0]) => void) | undefined;
    const early: Parameters<JobBoard['apply']>[0][] = [];
    this.#daemon.tables.follow(this.life, (change) => (waiting === undefined ? early.push(change) : waiting(change)));
    const { revision, entries } = await this.#records.snapshot();
    this.#board.reset(entries, revision);
    this.#foundRevision = revision;
    waiting = (change) => this.#board.apply(change);
    for (const change of early) if (change.revision > revision) waiting(change);
    await this.#recover(entries);
    this.#isOpen = true;
    this.#opened.resolve();
    this.#world.timeline.clockOf(this.life).every(SWEEP_PERIOD_MS, () => void this.#sweep.run().catch(() => {}));
    this.#startWaiting();
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
      start: (job: JobRecord, fresh?: Entry<JobRecord>) => this.#start(job, fresh),
      untilTakenUp: async (submissionId: string) => this.#daemon.actors.get(submissionId)?.supervision?.takenUp,
      kill: async (submissionId: string) => {
        this.#watched.delete(submissionId);
        return this.#daemon.killActor(submissionId);
      },
    };
  }

  #start(job: JobRecord, fresh?: Entry<JobRecord>): void {
    if (this.#watched.has(job.submissionId)) return;
    this.#watched.set(job.submissionId, this.#daemon.spawnActor(job, fresh));
  }

  #changed(submissionId: string): void {
    if (!this.#board.isOver(submissionId)) return;
    this.#queue.take(submissionId);
    this.#startWaiting();
  }

  #startWaiting(): void {
    if (!this.#isOpen) return;
    for (const entry of this.#queue.takeNext(this.#board))
      this.#start(entry.value, entry.revision > this.#foundRevision ? entry : undefined);
  }

  async #tellEnd(entry: Entry<JobRecord>): Promise<void> {
    const submissionId = entry.key;
    this.#board.put(entry);
    this.#queue.take(submissionId);
    this.#start(entry.value);
    const supervision = this.#daemon.actors.get(submissionId)?.supervision;
    const told = this.#world.timeline
      .pause(this.#world.latencyMs(), this.life)
      .then(() => supervision?.stop())
      .catch(() => {});
    await Promise.race([told, this.#world.timeline.pause(STOP_HEARD_MS, this.life)]);
  }

  async #supervise(submissionId: string): Promise<void> {
    const entry = await this.#records.get(submissionId);
    if (entry === undefined || isTerminal(entry.value.status) || this.#queue.has(submissionId)) return;
    if (await this.#supervisors.adopt(submissionId)) return;
    this.#start(entry.value);
  }

  #wallMs(): number {
    return this.#world.timeline.nowMs + this.#world.timeline.wallOffsetMs;
  }
}
