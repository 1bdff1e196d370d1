/** A host: its processes, its boots, and the truth about what ran on it and how that ended. */
import type { Exited, PidSpace, Started } from '@heddle/launcher';
import type { Random } from './random.ts';
import { Life, type Timeline } from './timeline.ts';

/** What one attempt at a job will do. */
export interface RunPlan {
  readonly runMs: number;
  readonly end: { readonly code: number | null; readonly signal: string | null };
  /** How long it takes to end on its stop signal; undefined: it ignores it. */
  readonly endsOnSignalMs: number | undefined;
  /** Processes that it leaves behind: in its group, or in sessions of their own. */
  readonly children: readonly ('group' | 'session')[];
  readonly cannotStart: boolean;
}

export interface Process {
  readonly pid: number;
  readonly startTime: string;
  readonly mark: string | undefined;
  readonly group: number;
  readonly plan: RunPlan;
  /** Of an attempt: its end is the attempt's. */
  readonly attempt: Attempt | undefined;
  isAlive: boolean;
  /** Called in the process's parent, if that lives. */
  onEnd: ((exited: Exited) => void) | undefined;
}

export interface Attempt {
  starts: number;
  /** How its leader ended, by the kernel. */
  end: { readonly code: number | null; readonly signal: string | null } | undefined;
}

const NO_PLAN: RunPlan = {
  runMs: Number.POSITIVE_INFINITY,
  end: { code: 0, signal: null },
  endsOnSignalMs: undefined,
  children: [],
  cannotStart: false,
};

export class Machine {
  readonly attempts = new Map<string, Attempt>();
  readonly #timeline: Timeline;
  readonly #random: Random;
  #processes = new Map<number, Process>();
  readonly #pids = new Map<string, number>();
  #innocents: Process[] = [];
  #boots = 0;
  #nextPid = 100;
  #life = new Life('host');

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
    this.boot();
  }

  /** Of this boot. */
  get life(): Life {
    return this.#life;
  }

  /** What an author would compare with who had never seen a second boot. */
  get firstBoot(): PidSpace {
    return { ...this.here, bootId: 'boot_1' };
  }

  get here(): PidSpace {
    return { bootId: `boot_${this.#boots}`, pidNamespace: 'pid:[1]' };
  }

  /** Everything ends. Then others have the pids that jobs had: a neighbour's jobs, and processes without marks. */
  boot(): void {
    this.#life.end();
    const pids = [...this.#processes.values()].filter(({ mark }) => mark?.startsWith('ours:')).map(({ pid }) => pid);
    this.#boots++;
    this.#life = new Life('host');
    this.#processes = new Map();
    this.#nextPid = 100;
    this.#innocents = [50, 51, ...pids].map((pid, index) =>
      this.#add(pid, index % 2 === 0 ? 'neighbour:attempt_1' : undefined, pid, NO_PLAN),
    );
  }

  /** Those that no fault and no recovery may touch. */
  get deadInnocents(): number {
    return this.#innocents.filter(({ isAlive }) => !isAlive).length;
  }

  spawn(attemptId: string, mark: string, plan: RunPlan): Process {
    const pid = this.#freePid();
    const attempt = this.attempts.get(attemptId) ?? { starts: 0, end: undefined };
    attempt.starts++;
    this.#pids.set(mark, pid);
    this.attempts.set(attemptId, attempt);
    const leader = this.#add(pid, mark, pid, plan, attempt);
    for (const kind of plan.children) {
      const childPid = this.#freePid();
      const endsOnSignalMs = this.#random.chance(0.5) ? 5 : undefined;
      this.#add(childPid, mark, kind === 'group' ? pid : childPid, { ...NO_PLAN, endsOnSignalMs });
    }
    this.#timeline.after(plan.runMs, this.#life, () => this.#end(leader, plan.end));
    return leader;
  }

  toStarted(process: Process): Started {
    const { pid, startTime } = process;
    const startedAtMs = this.#timeline.nowMs + this.#timeline.wallOffsetMs;
    return { pid, startTime, startedAtMs, ...this.here, logStartOffset: 0 };
  }

  /** By time since the boot, as the product does it. */
  ageMs(started: Started): number {
    return this.#timeline.nowMs - Number(started.startTime);
  }

  living(): Process[] {
    return [...this.#processes.values()].filter(({ isAlive }) => isAlive);
  }

  /** The pid that the leader with this mark had, in whatever boot. */
  pidOf(mark: string): number | undefined {
    return this.#pids.get(mark);
  }

  /** All living processes whose mark begins so. */
  marked(prefix: string): Process[] {
    return [...this.#processes.values()].filter((each) => each.isAlive && each.mark?.startsWith(prefix));
  }

  get(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  inGroup(group: number): Process[] {
    return [...this.#processes.values()].filter((each) => each.isAlive && each.group === group);
  }

  /** The signal that asks a group to end. */
  askGroup(group: number, signal: string): void {
    for (const process of this.inGroup(group)) {
      const { endsOnSignalMs } = process.plan;
      if (endsOnSignalMs === undefined) continue;
      this.#timeline.after(endsOnSignalMs, this.#life, () => this.#end(process, { code: null, signal }));
    }
  }

  kill(process: Process): void {
    this.#end(process, { code: null, signal: 'SIGKILL' });
  }

  #end(process: Process, end: NonNullable<Attempt['end']>): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    if (process.attempt !== undefined) process.attempt.end = end;
    const endedAtMs = this.#timeline.nowMs + this.#timeline.wallOffsetMs;
    process.onEnd?.({ ...end, endedAtMs, logBytes: 0 });
  }

  #freePid(): number {
    do this.#nextPid += 1 + this.#random.below(3);
    while (this.#processes.get(this.#nextPid)?.isAlive);
    return this.#nextPid;
  }

  #add(pid: number, mark: string | undefined, group: number, plan: RunPlan, attempt?: Attempt): Process {
    const startTime = String(this.#timeline.nowMs);
    const process: Process = { pid, startTime, mark, group, plan, attempt, isAlive: true, onEnd: undefined };
    this.#processes.set(pid, process);
    return process;
  }
}
