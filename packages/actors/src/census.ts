/**
 * Finds out that nobody holds an actor any more, although handles may be on their way between threads.
 *
 * When a thread has dropped its last handle the driver asks all threads. Nobody may hold one, and as many
 * copies must have been received as were sent. Threads answer at different moments, so a copy can slip from one
 * that has answered to one that has not: the same sums twice in a row say that none did (Mattern's two counts).
 * A thread that holds one tells again when it drops it, so a census that fails is simply over.
 *
 * A copy that was lost with a thread, or that was sent twice after a death, is missing for good: then the actor
 * lives until its owner ends, which is late, never early.
 */
import type { Holding } from './handle-count.ts';

export type CensusVerdict = 'go on' | 'ask again' | 'held' | 'nobody';

interface Sums {
  readonly sent: number;
  readonly received: number;
}

export class Census {
  #missing: number;
  #isHeld = false;
  #sent = 0;
  #received = 0;
  #before: Sums | undefined;

  /** `threads`: how many are asked. */
  constructor(threads: number) {
    this.#missing = threads;
  }

  /** Takes one thread's answer. After `ask again` the same threads are to be asked once more. */
  answer(holding: Holding, threads: number): CensusVerdict {
    this.#isHeld ||= holding.holds;
    this.#sent += holding.sent;
    this.#received += holding.received;
    if (--this.#missing > 0) return 'go on';
    if (this.#isHeld || this.#sent !== this.#received) return 'held';
    const sums = { sent: this.#sent, received: this.#received };
    if (this.#before?.sent === sums.sent && this.#before.received === sums.received) return 'nobody';
    this.#before = sums;
    this.#missing = threads;
    this.#sent = 0;
    this.#received = 0;
    return 'ask again';
  }
}
