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

export class CreationWatch implements Disposable {
  readonly #clock: Clock;
  readonly #timers = new Map<CellKey, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(creation: WatchedCreation, inMs = creation.limitMs): void {
    const timer = this.#clock.after(inMs, () => this.#look(creation), { background: true });
    this.#timers.set(creation.cell, timer);
  }

  /** The constructor has returned or thrown, or its thread is over. */
  stop(cell: CellKey): void {
    this.#timers.get(cell)?.cancel();
    this.#timers.delete(cell);
  }

  [Symbol.dispose](): void {
    for (const cell of [...this.#timers.keys()]) this.stop(cell);
  }

  #look(creation: WatchedCreation): void {
    this.#timers.delete(creation.cell);
    const judged = judgeCreation(creation);
    if (judged.verdict === 'overdue') creation.overdue();
    else if (judged.verdict === 'look again') this.start(creation, judged.inMs);
  }
}
