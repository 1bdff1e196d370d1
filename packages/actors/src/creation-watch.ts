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
}

/** What the watch asks and tells. */
export interface CreationEffects<Thread> {
  isPending(cell: CellKey): boolean;
  hasNeighbours(thread: Thread): boolean;
  /** It has had its time: the thread is stuck in it. */
  overdue(cell: CellKey, thread: Thread, limitMs: number): void;
  /** It is watched on, and stopped by `creations` from now on. */
  again(cell: CellKey, creations: WatchedCreations): void;
}

export type CreationVerdict =
  | { readonly verdict: 'overdue' }
  | { readonly verdict: 'let be' }
  | { readonly verdict: 'look again'; readonly inMs: number };

/** What to do about a creation whose time is over by the clock. Pure but for what it asks. */
export function judgeCreation(creation: WatchedCreation): CreationVerdict {
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

/** Creations that were sent to one thread in one millisecond, and are due in one. */
export interface WatchedCreations {
  readonly thread: ConstructingThread;
  readonly limitMs: number;
  readonly dueAtMs: number;
  readonly cells: CellKey[];
  /** How many of them have not been stopped. */
  left: number;
}

/**
 * One timer for all creations, set for the first that are due: nearly all return long before. They are watched by
 * the millisecond, since thousands are made in one and each would cost as much to watch as to make.
 */
export class CreationWatch<Thread extends ConstructingThread> implements Disposable {
  readonly #clock: Clock;
  readonly #effects: CreationEffects<Thread>;
  readonly #watched = new Set<WatchedCreations>();
  /** The latest of each thread. */
  readonly #latest = new Map<Thread, WatchedCreations>();
  #timer: Timer | undefined;
  #timerDueAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, effects: CreationEffects<Thread>) {
    this.#clock = clock;
    this.#effects = effects;
  }

  /** Returns what it is stopped by. */
  start(cell: CellKey, thread: Thread, limitMs: number, inMs = limitMs): WatchedCreations {
    const dueAtMs = Math.ceil(this.#clock.monotonicMs() + inMs);
    let creations = this.#latest.get(thread);
    if (creations?.dueAtMs !== dueAtMs || creations.limitMs !== limitMs || creations.left === 0) {
      creations = { thread, limitMs, dueAtMs, cells: [], left: 0 };
      this.#latest.set(thread, creations);
      this.#watched.add(creations);
      if (dueAtMs < this.#timerDueAtMs) this.#setTimer(dueAtMs);
    }
    creations.cells.push(cell);
    creations.left++;
    return creations;
  }

  /** One of their constructors has returned or thrown. */
  stop(creations: WatchedCreations): void {
    if (--creations.left > 0) return;
    this.#watched.delete(creations);
    if (this.#watched.size === 0) this.#endTimer();
  }

  /** The thread is over, and with it what was constructed there. */
  threadOver(thread: Thread): void {
    this.#latest.delete(thread);
    for (const creations of [...this.#watched]) if (creations.thread === thread) this.#watched.delete(creations);
    if (this.#watched.size === 0) this.#endTimer();
  }

  [Symbol.dispose](): void {
    this.#watched.clear();
    this.#latest.clear();
    this.#endTimer();
  }

  #setTimer(dueAtMs: number): void {
    this.#timer?.cancel();
    this.#timerDueAtMs = dueAtMs;
    const inMs = Math.max(1, dueAtMs - this.#clock.monotonicMs());
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
    const due = [...this.#watched].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    for (const creations of due) {
      if (!this.#watched.delete(creations)) continue;
      for (const cell of creations.cells) this.#look(cell, creations);
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#watched) nextMs = Math.min(nextMs, dueAtMs);
    if (nextMs < this.#timerDueAtMs) this.#setTimer(nextMs);
  }

  #look(cell: CellKey, creations: WatchedCreations): void {
    const thread = creations.thread as Thread;
    const { limitMs } = creations;
    const judged = judgeCreation({
      cell,
      limitMs,
      thread,
      isPending: () => this.#effects.isPending(cell),
      hasNeighbours: () => this.#effects.hasNeighbours(thread),
    });
    if (judged.verdict === 'overdue') this.#effects.overdue(cell, thread, limitMs);
    else if (judged.verdict === 'look again') this.#effects.again(cell, this.start(cell, thread, limitMs, judged.inMs));
  }
}
