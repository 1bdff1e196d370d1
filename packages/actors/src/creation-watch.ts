/**
 * Ends constructors that do not return: each incarnation that was sent to a thread is looked at when its limit is
 * over, and once more whenever that was not its own fault.
 *
 * A thread that is stuck in a constructor cannot tell, but it wrote down which one it began and when
 * (`heartbeat.ts`). A module that only waits while it loads is the host's to time (`actor-host.ts`).
 */
import type { Clock, Timer } from '@heddle/base';
import type { CellKey } from './protocol.ts';

/** What can be seen of a thread from outside. */
export interface ConstructingThread {
  /** For how long its present turn has run; 0: asleep. */
  readonly busyMs: number;
  /** The constructor that runs there now. */
  readonly constructing: { readonly cell: CellKey; readonly forMs: number } | undefined;
}

export interface WatchedCreation {
  readonly cell: CellKey;
  readonly limitMs: number;
  readonly thread: ConstructingThread;
  /** Whether somebody still waits for it: a killed one is watched until its constructor has returned. */
  isPending(): boolean;
  /** Whether other actors live on the thread: then it may be one of their calls that does not let it turn. */
  hasNeighbours(): boolean;
  /** It has had its time: the thread is stuck in it. */
  overdue(): void;
}

export type CreationVerdict =
  | { readonly verdict: 'overdue' }
  | { readonly verdict: 'let be' }
  | { readonly verdict: 'look again'; readonly inMs: number };

/** What to do about a creation whose time is over by the clock. Pure but for what it asks. */
export function judgeCreation(creation: Omit<WatchedCreation, 'overdue'>): CreationVerdict {
  const { cell, limitMs } = creation;
  const { constructing, busyMs } = creation.thread;
  if (constructing?.cell === cell) {
    const leftMs = limitMs - constructing.forMs;
    return leftMs <= 0 ? { verdict: 'overdue' } : { verdict: 'look again', inMs: leftMs };
  }
  if (!creation.isPending()) return { verdict: 'let be' };
  const isModuleStuck = constructing === undefined && busyMs >= limitMs && !creation.hasNeighbours();
  return isModuleStuck ? { verdict: 'overdue' } : { verdict: 'look again', inMs: limitMs };
}

/** One timer for all creations, set for the first that is due: nearly all return long before. */
export class CreationWatch implements Disposable {
  readonly #clock: Clock;
  readonly #watched = new Map<CellKey, { readonly creation: WatchedCreation; readonly dueAtMs: number }>();
  #timer: Timer | undefined;
  #timerDueAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(creation: WatchedCreation, inMs = creation.limitMs): void {
    const dueAtMs = this.#clock.monotonicMs() + inMs;
    this.#watched.set(creation.cell, { creation, dueAtMs });
    if (dueAtMs < this.#timerDueAtMs) this.#setTimer(dueAtMs, inMs);
  }

  /** The constructor has returned or thrown, or its thread is over. */
  stop(cell: CellKey): void {
    if (this.#watched.delete(cell) && this.#watched.size === 0) this.#endTimer();
  }

  [Symbol.dispose](): void {
    this.#watched.clear();
    this.#endTimer();
  }

  #setTimer(dueAtMs: number, inMs: number): void {
    this.#timer?.cancel();
    this.#timerDueAtMs = dueAtMs;
    this.#timer = this.#clock.after(inMs, () => this.#lookAtDue(), { background: true });
  }

  #endTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerDueAtMs = Number.POSITIVE_INFINITY;
  }

  #lookAtDue(): void {
    this.#endTimer();
    const nowMs = this.#clock.monotonicMs();
    const due = [...this.#watched.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    for (const { creation } of due) if (this.#watched.delete(creation.cell)) this.#look(creation);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#watched.values()) nextMs = Math.min(nextMs, dueAtMs);
    if (nextMs < this.#timerDueAtMs) this.#setTimer(nextMs, Math.max(1, nextMs - nowMs));
  }

  #look(creation: WatchedCreation): void {
    const judged = judgeCreation(creation);
    if (judged.verdict === 'overdue') creation.overdue();
    else if (judged.verdict === 'look again') this.start(creation, judged.inMs);
  }
}
