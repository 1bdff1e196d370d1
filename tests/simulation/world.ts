/**
 * Everything there is in one schedule: a machine, disks, the daemon and the launcher that live now, the clients, and
 * what befalls them. One seed gives one schedule, always the same.
 */

import { attemptNumber } from '../../packages/jobs/src/attempt-id.ts';
import { JobAlreadyExistsError, JobNotFoundError } from '../../packages/jobs/src/errors.ts';
import type { JobSubmitOptions } from '../../packages/jobs/src/submission.ts';
import type { BugName } from './bugs.ts';
import { SimDaemon } from './daemon.ts';
import { JournalFile } from './journal-file.ts';
import { SimLauncher } from './launcher.ts';
import { Machine, type Process, type RunPlan } from './machine.ts';
import { type InvariantError, Oracle } from './oracle.ts';
import { Random } from './random.ts';
import { TableDisk } from './tables.ts';
import { Life, Timeline } from './timeline.ts';

/** A job as its client and its process know it. */
interface JobPlan {
  readonly request: JobSubmitOptions & { readonly submissionId: string };
  /** What each attempt will do; the last one also what any further would. */
  readonly runs: readonly RunPlan[];
  readonly submitMs: number;
  /** Submitted twice at once. */
  readonly isTwin: boolean;
  readonly stopsMs: readonly number[];
}

const FAULTS_UNTIL_MS = 15_000;
/** Time enough for back-offs, graces and sweeps when nothing happens any more. */
const LIVENESS_MS = 200_000;
const LAST_SWEEP_MS = 70_000;

export interface Verdict {
  readonly seed: number;
  readonly failure: InvariantError | undefined;
  readonly events: number;
  readonly faults: number;
  readonly trace: readonly string[];
}

export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly machine: Machine;
  readonly disk = new TableDisk();
  readonly oracle: Oracle;
  readonly maxRunningJobs: number;
  /** For how long anything was frozen. */
  frozenMs = 0;
  readonly #bug: BugName | undefined;
  readonly #lines: string[] | undefined;
  readonly #journal = new JournalFile();
  readonly #jobs = new Map<string, JobPlan>();
  readonly #ids = new Map<string, number>();
  readonly #launcherEnds = new Map<SimLauncher, Set<() => void>>();
  /** Attempts whose launcher died before their end was told. */
  readonly #orphaned = new Set<string>();
  /** What happens outside of any process. */
  readonly #outside = new Life('outside');
  #daemon: SimDaemon | undefined;
  #launcher: SimLauncher | undefined;
  #opening: Promise<SimLauncher> | undefined;
  #lastSentMs = 0;
  #faults = 0;

  constructor(seed: number, options: { readonly bug?: BugName | undefined; readonly traces?: boolean } = {}) {
    this.random = new Random(seed);
    this.#bug = options.bug;
    this.#lines = options.traces === true ? [] : undefined;
    this.machine = new Machine(this.timeline, this.random);
    this.oracle = new Oracle(this);
    this.maxRunningJobs = this.random.pick([1, 2, 64]);
  }

  has(bug: BugName): boolean {
    return this.#bug === bug;
  }

  trace(line: () => string): void {
    this.#lines?.push(`${this.timeline.nowMs.toFixed(1).padStart(9)}  ${line()}`);
  }

  nextId(kind: string): string {
    const number = (this.#ids.get(kind) ?? 0) + 1;
    this.#ids.set(kind, number);
    return `${kind}_${number}`;
  }

  /** A message is on its way for so long: most are quick. */
  latencyMs(): number {
    return this.random.chance(0.02) ? this.random.between(20, 1_500) : this.random.between(0.1, 4);
  }

  planOf(jobId: string, attemptId: string): RunPlan {
    const { runs } = this.#jobs.get(jobId)!;
    return runs[Math.min(attemptNumber(attemptId), runs.length) - 1]!;
  }

  /** The launcher that lives, if one does. */
  get present(): SimLauncher | undefined {
    return this.#launcher;
  }

  /** A living launcher, started if need be. */
  launcher(): Promise<SimLauncher> {
    if (this.#launcher !== undefined) return Promise.resolve(this.#launcher);
    this.#opening ??= this.#openLauncher();
    return this.#opening;
  }

  onLauncherEnd(launcher: SimLauncher, told: () => void): void {
    const listeners = this.#launcherEnds.get(launcher) ?? new Set();
    this.#launcherEnds.set(launcher, listeners.add(told));
  }

  /** What was written to a launcher's sockets is read in that order, also when its writer has died. */
  send(launcher: SimLauncher, action: () => void): void {
    this.#lastSentMs = Math.max(this.#lastSentMs, this.timeline.nowMs + this.latencyMs());
    this.timeline.after(this.#lastSentMs - this.timeline.nowMs, launcher.life, action);
  }

  /** It could not open, and has ended: whoever looks after it starts another. */
  daemonFails(reason: unknown): void {
    this.trace(() => `daemon: cannot open: ${reason}`);
    this.#killDaemon();
  }

  /** Whether nobody can know how this attempt ended. */
  mayBeLost(attemptId: string): boolean {
    return this.#orphaned.has(attemptId);
  }

  /** Something has just become true or durable: a good moment for a fault. */
  moment(probability = 0.03): void {
    if (this.timeline.nowMs > FAULTS_UNTIL_MS || !this.random.chance(probability)) return;
    const afterMs = this.random.between(0, this.random.pick([5, 50, 2_500]));
    this.timeline.after(afterMs, this.#outside, () => this.#befall());
  }

  /** Lets everything happen. */
  async run(seed: number): Promise<Verdict> {
    this.#planJobs();
    this.#planFaults();
    this.#startDaemon();
    const { oracle, timeline } = this;
    const hasFailed = () => oracle.failure !== undefined;
    const looked = () => {
      oracle.look();
      return hasFailed();
    };
    await timeline.run(FAULTS_UNTIL_MS, looked);
    const isOver = () => looked() || oracle.isQuiet;
    if (!hasFailed()) await timeline.run(timeline.nowMs + LIVENESS_MS, isOver);
    if (!hasFailed()) await timeline.run(timeline.nowMs + LAST_SWEEP_MS, looked);
    if (!hasFailed()) oracle.lookAtEnd();
    return { seed, failure: oracle.failure, events: timeline.events, faults: this.#faults, trace: this.#lines ?? [] };
  }

  #planJobs(): void {
    const { random } = this;
    const count = 1 + random.below(4);
    for (let number = 1; number <= count; number++) {
      const submissionId = `job_${number}`;
      const submitMs = random.between(0, 4_000);
      const stops = random.chance(0.4) ? 1 + random.below(2) : 0;
      const stopsMs = Array.from({ length: stops }, () => submitMs + random.between(0, random.pick([20, 6_000])));
      const plan: JobPlan = {
        request: this.#planRequest(submissionId),
        runs: Array.from({ length: 3 }, () => this.#planRun()),
        submitMs,
        isTwin: random.chance(0.1),
        stopsMs,
      };
      this.#jobs.set(submissionId, plan);
      this.timeline.after(submitMs, this.#outside, () => void this.#submit(plan));
      if (plan.isTwin) this.timeline.after(submitMs, this.#outside, () => void this.#submit(plan));
      for (const stopMs of stopsMs) this.timeline.after(stopMs, this.#outside, () => void this.#stop(submissionId));
    }
  }

  #planRequest(submissionId: string): JobPlan['request'] {
    const { random } = this;
    return {
      submissionId,
      entrypoint: 'true',
      workingDirectory: '/',
      gracePeriodMs: random.pick([0, 200, 3_000, 6_000]),
      ...(random.chance(0.1) ? { timeoutMs: 50 + random.below(4_000) } : {}),
      ...(random.chance(0.2) ? { maxRetries: 1 + random.below(2), retryDelayMs: random.pick([0, 500]) } : {}),
      fateSharing: random.chance(0.1),
    };
  }

  #planRun(): RunPlan {
    const { random } = this;
    const code = random.pick([0, 0, 0, 1, 7, 137]);
    return {
      runMs: random.between(0, random.pick([5, 500, 12_000])),
      end: random.chance(0.15) ? { code: null, signal: 'SIGSEGV' } : { code, signal: null },
      endsOnSignalMs: random.chance(0.4) ? undefined : random.between(0, 100),
      children: Array.from({ length: random.chance(0.3) ? 1 + random.below(2) : 0 }, () =>
        random.pick(['group', 'session'] as const),
      ),
      cannotStart: random.chance(0.04),
    };
  }

  #planFaults(): void {
    const { random, timeline } = this;
    const count = random.below(6);
    for (let atMs = 0, fault = 0; fault < count; fault++) {
      // Often close to the one before: in the middle of its recovery.
      atMs = random.chance(0.4) && atMs > 0 ? atMs + random.between(0, 400) : random.between(0, FAULTS_UNTIL_MS * 0.8);
      timeline.after(atMs, this.#outside, () => this.#befall());
    }
  }

  #befall(): void {
    const { random, timeline } = this;
    this.#faults++;
    const fault = random.pick([
      'daemon',
      'daemon',
      'daemon',
      'launcher',
      'launcher',
      'both',
      'thread',
      'thread',
      'manager',
      'job',
      'host',
      'freeze daemon',
      'freeze launcher',
      'set clock',
    ] as const);
    this.trace(() => `FAULT: ${fault}`);
    switch (fault) {
      case 'daemon':
        this.#killDaemon();
        break;
      case 'launcher':
        this.#killLauncher();
        break;
      case 'both':
        this.#killLauncher();
        this.#killDaemon();
        break;
      case 'thread':
        this.#daemon?.killThread();
        break;
      case 'manager':
        this.#daemon?.reopenManager();
        break;
      case 'job':
        this.#killSome(this.machine.marked('ours:'));
        break;
      case 'host':
        this.#restartHost();
        break;
      case 'freeze daemon':
        this.#freeze(this.#daemon?.life);
        break;
      case 'freeze launcher':
        this.#freeze(this.#launcher?.life);
        break;
      case 'set clock':
        timeline.wallOffsetMs += random.pick([-3_600_000, 3_600_000]);
        break;
    }
  }

  #killSome(processes: readonly Process[]): void {
    if (processes.length > 0) this.machine.kill(this.random.pick(processes));
  }

  #freeze(life: Life | undefined): void {
    const forMs = this.random.between(100, 4_000);
    life?.freeze(this.timeline.nowMs + forMs);
    this.frozenMs += forMs;
  }

  #startDaemon(): void {
    if (this.#daemon !== undefined) return;
    this.trace(() => 'daemon starts');
    this.#daemon = new SimDaemon(this);
  }

  #killDaemon(): void {
    if (this.#daemon === undefined) return;
    this.#daemon.life.end();
    this.#daemon = undefined;
    this.timeline.after(this.random.between(50, 1_000), this.#outside, () => this.#startDaemon());
  }

  #killLauncher(): void {
    const launcher = this.#launcher;
    if (launcher === undefined) return;
    launcher.life.end();
    this.#launcher = undefined;
    for (const attemptId of launcher.unfinished) this.#orphaned.add(attemptId);
    for (const told of this.#launcherEnds.get(launcher) ?? []) told();
    this.#launcherEnds.delete(launcher);
  }

  #restartHost(): void {
    this.#killLauncher();
    this.#opening = undefined;
    this.#killDaemon();
    this.#journal.losePower(this);
    for (const attemptId of this.machine.attempts.keys()) this.#orphaned.add(attemptId);
    this.machine.boot();
  }

  async #openLauncher(): Promise<SimLauncher> {
    await this.timeline.pause(this.random.between(20, 200), this.machine.life);
    const launcher = await SimLauncher.open(this, this.#journal);
    this.trace(() => `launcher: starts, and remembers ${launcher.attempts} attempts`);
    this.#launcher = launcher;
    this.#opening = undefined;
    return launcher;
  }

  async #submit({ request }: JobPlan): Promise<void> {
    const { oracle } = this;
    const { submissionId } = request;
    const manager = this.#daemon?.manager;
    if (manager === undefined || !manager.isOpen) {
      // 503: the id is not claimed. The client comes again.
      this.timeline.after(100, this.#outside, () => void this.#submit({ ...this.#jobs.get(submissionId)! }));
      return;
    }
    oracle.tried(submissionId);
    try {
      await manager.submit(request);
      this.trace(() => `client: ${submissionId} is accepted`);
      oracle.accepted(submissionId);
    } catch (error) {
      if (!(error instanceof JobAlreadyExistsError)) throw error;
    }
  }

  async #stop(submissionId: string): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || !daemon.manager.isOpen) {
      this.timeline.after(100, this.#outside, () => void this.#stop(submissionId));
      return;
    }
    this.trace(() => `client: asks to stop ${submissionId}`);
    try {
      const isStopped = await daemon.manager.stop(submissionId);
      this.trace(() => `client: the stop of ${submissionId} is answered with ${isStopped}`);
      if (isStopped) this.oracle.stopped(submissionId);
    } catch (error) {
      if (!(error instanceof JobNotFoundError)) throw error;
    }
  }
}

/** Runs the schedule of one seed. */
export function simulate(
  seed: number,
  options: { readonly bug?: BugName | undefined; readonly traces?: boolean } = {},
): Promise<Verdict> {
  return new World(seed, options).run(seed);
}
