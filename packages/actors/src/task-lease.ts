import type { ClassDeclaration } from './class-declaration.ts';
import type { Link } from './link.ts';
import type { PendingCall } from './pending-call.ts';
import type { CellKey } from './protocol.ts';

/** What a task of a function takes, in milliseconds, as far as it is known. */
export class TaskCosts {
  readonly #costs = new WeakMap<ClassDeclaration, number>();

  /** Undefined: none has ended yet. */
  of(declaration: ClassDeclaration): number | undefined {
    return this.#costs.get(declaration);
  }

  took(declaration: ClassDeclaration, ms: number): void {
    const before = this.#costs.get(declaration);
    this.#costs.set(declaration, before === undefined ? ms : before + WEIGHT * (ms - before));
  }
}

/** How much the latest measure counts. */
const WEIGHT = 0.3;
/** A lease has at most so much work before it, so that a task seldom waits behind another. */
const AHEAD_MS = 1;

/**
 * A lease as its owner holds it: the thread, and the tasks on their way there. While tasks are short several are
 * sent ahead; one whose length is unknown goes alone.
 */
export class TaskLease {
  readonly cell: CellKey;
  readonly link: Link;
  readonly #costs: TaskCosts;
  readonly #resume: () => void;
  /** In the order in which they were sent. */
  readonly inFlight = new Set<PendingCall>();
  isRevoked = false;
  /** Since when the oldest task runs, as far as is known; then the length of a batch of answers. */
  sinceMs = 0;
  #load = 0;
  #answered = 0;
  #last: PendingCall | undefined;

  constructor(cell: CellKey, link: Link, costs: TaskCosts, resume: () => void) {
    this.cell = cell;
    this.link = link;
    this.#costs = costs;
    this.#resume = resume;
  }

  /** Whether the task may be sent now. */
  hasRoomFor(call: PendingCall): boolean {
    if (this.isRevoked) return false;
    if (this.inFlight.size === 0) return true;
    const cost = this.#costs.of(call.declaration);
    return cost !== undefined && this.#load + cost <= AHEAD_MS;
  }

  sent(call: PendingCall, nowMs: number): void {
    if (this.inFlight.size === 0) this.sinceMs = nowMs;
    this.inFlight.add(call);
    this.#load += this.#costs.of(call.declaration) ?? AHEAD_MS;
  }

  /** The task is not here any more. `isDone`: it has run. */
  left(call: PendingCall, isDone: boolean): void {
    if (!this.inFlight.delete(call)) return;
    this.#load =
      this.inFlight.size === 0 ? 0 : Math.max(0, this.#load - (this.#costs.of(call.declaration) ?? AHEAD_MS));
    if (!isDone) return;
    this.#answered++;
    this.#last = call;
  }

  /** A batch of answers was taken: what a task took follows from their number. */
  measure(nowMs: number): void {
    if (this.#answered === 0) return;
    this.#costs.took(this.#last!.declaration, Math.max(0, nowMs - this.sinceMs) / this.#answered);
    this.sinceMs = nowMs;
    this.#answered = 0;
    this.#last = undefined;
  }

  /** Takes back a task that has not begun. False: it has. */
  recall(call: PendingCall): boolean {
    if (!this.link.slots.recall(call.slot)) return false;
    this.left(call, false);
    return true;
  }

  /** A slot is free: for the calls that found none. */
  resume(): void {
    this.#resume();
  }
}
