import type { Link } from './link.ts';
import type { PendingCall } from './pending-call.ts';
import type { CellKey } from './protocol.ts';

/** How much the latest measure counts when a function took longer than known, and when it was quicker. */
const WEIGHT_LONGER = 0.3;
const WEIGHT_QUICKER = 0.7;

/** What a task of a function takes, in milliseconds, as far as it is known. Functions go by their numbers in this thread. */
export class TaskCosts {
  readonly #costs: (number | undefined)[] = [];

  /** Undefined: none has ended yet. */
  of(number: number): number | undefined {
    return this.#costs[number];
  }

  took(number: number, ms: number): void {
    const before = this.#costs[number];
    if (before === undefined) this.#costs[number] = ms;
    else this.#costs[number] = before + (ms > before ? WEIGHT_LONGER : WEIGHT_QUICKER) * (ms - before);
  }
}

/** A lease has at most so much work before it, so that a task seldom waits behind another. */
const AHEAD_MS = 2;
/** A task is never thought shorter: what is ahead of a lease has an end also where the clock saw no time go by. */
const COST_MS_MIN = 0.001;

/**
 * A lease as its owner holds it: the thread, and how many tasks are on their way there. While tasks are short several
 * are sent ahead; one whose length is unknown goes alone.
 *
 * How long tasks take, their thread says in shared memory; what the owner could see, from sending to answer, is on a
 * busy machine mostly the time that the two threads wait for a processor, and would leave tasks going one by one.
 */
export class TaskLease {
  readonly cell: CellKey;
  readonly link: Link;
  readonly #costs: TaskCosts;
  readonly #resume: () => void;
  /** Tasks that were sent and have not come back. */
  size = 0;
  isRevoked = false;
  /** Since when the oldest task runs or the lease is idle, as far as is known; then the last batch of answers. */
  sinceMs: number;
  #load = 0;
  #answered = 0;
  #lastFunction = -1;
  #ranUs: number | undefined;

  constructor(cell: CellKey, link: Link, costs: TaskCosts, nowMs: number, resume: () => void) {
    this.cell = cell;
    this.link = link;
    this.#costs = costs;
    this.#resume = resume;
    this.sinceMs = nowMs;
    this.#ranUs = link.peerRanUs;
  }

  /** Whether the task may be sent now. */
  hasRoomFor(call: PendingCall): boolean {
    if (this.isRevoked) return false;
    if (this.size === 0) return true;
    const cost = this.#costs.of(call.method);
    return cost !== undefined && this.#load + cost <= AHEAD_MS;
  }

  /** Whether this lease has less before it than the other. */
  isFreerThan(other: TaskLease): boolean {
    return this.#load < other.#load;
  }

  /** The task is on its way to this lease's thread. An idle lease has been told by `begins` since when. */
  sent(call: PendingCall): void {
    call.place = this;
    this.size++;
    this.#load += this.#costs.of(call.method) ?? AHEAD_MS;
  }

  begins(nowMs: number): void {
    this.sinceMs = nowMs;
  }

  /** The task is not here any more. `isDone`: it has run. */
  left(call: PendingCall, isDone: boolean): void {
    call.place = undefined;
    this.size--;
    this.#load = this.size === 0 ? 0 : Math.max(0, this.#load - (this.#costs.of(call.method) ?? AHEAD_MS));
    if (!isDone) return;
    this.#answered++;
    this.#lastFunction = call.method;
  }

  /** A batch of answers was taken: what a task took follows from their number. */
  measure(nowMs: number): void {
    if (this.#answered === 0) return;
    const ranMs = this.#takeRanMs() ?? nowMs - this.sinceMs;
    this.#costs.took(this.#lastFunction, Math.max(COST_MS_MIN, ranMs / this.#answered));
    this.sinceMs = nowMs;
    this.#answered = 0;
  }

  /** Takes back a task that has not begun. False: it has. */
  recall(call: PendingCall): boolean {
    if (!this.link.slots.recall(call.slot)) return false;
    call.link = undefined;
    this.left(call, false);
    return true;
  }

  /** The tasks that are on their way to this lease. */
  calls(): PendingCall[] {
    return this.link.slots.all().filter((call) => (call as PendingCall).place === this) as PendingCall[];
  }

  /** A slot is free: for the calls that found none. */
  resume(): void {
    this.#resume();
  }

  /** How long the thread has run tasks since the last asking; undefined where it cannot say. */
  #takeRanMs(): number | undefined {
    const { peerRanUs } = this.link;
    if (peerRanUs === undefined || this.#ranUs === undefined) return undefined;
    const ranUs = (peerRanUs - this.#ranUs) | 0;
    this.#ranUs = peerRanUs;
    return ranUs / 1000;
  }
}
