/**
 * Words in shared memory that say since when a thread's present turn has run (0: asleep), and which constructor
 * runs there since when.
 *
 * The thread writes it when it begins to act on a batch and clears it when its loop has turned, so that the
 * driver sees a thread that no longer turns without asking it, which such a thread could not answer.
 */
import type { Clock } from '@heddle/base';
import type { CellKey } from './protocol.ts';

const TURN_SINCE = 0;
const CONSTRUCTING = 1;
const CONSTRUCTING_SINCE = 2;

export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #clock: Clock;
  #clears = false;

  constructor(clock: Clock, buffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#clock = clock;
  }

  /** The thread begins to work. Costs little when it has begun already in this turn. */
  begin(): void {
    if (this.#clears) return;
    this.#clears = true;
    Atomics.store(this.#words, TURN_SINCE, stamp(this.#clock));
    setImmediate(() => {
      this.#clears = false;
      Atomics.store(this.#words, TURN_SINCE, 0);
    });
  }

  /** For how long the present turn has run, in milliseconds; 0 when the thread is asleep. */
  busyMs(): number {
    return this.#msSince(Atomics.load(this.#words, TURN_SINCE));
  }

  /** Runs a constructor, visibly from outside. */
  construct<T>(cell: CellKey, run: () => T): T {
    this.begin();
    Atomics.store(this.#words, CONSTRUCTING_SINCE, stamp(this.#clock));
    Atomics.store(this.#words, CONSTRUCTING, cell | 0);
    try {
      return run();
    } finally {
      Atomics.store(this.#words, CONSTRUCTING, 0);
    }
  }

  /** The constructor that runs now, and for how long. */
  get constructing(): { readonly cell: CellKey; readonly forMs: number } | undefined {
    const cell = Atomics.load(this.#words, CONSTRUCTING);
    const forMs = this.#msSince(Atomics.load(this.#words, CONSTRUCTING_SINCE)); // Perhaps the next one's: too short, never too long.
    return cell === 0 ? undefined : { cell, forMs };
  }

  #msSince(since: number): number {
    return since === 0 ? 0 : Math.max(0, (stamp(this.#clock) - since) | 0);
  }
}

/** Wall-clock milliseconds modulo 2^32, as all threads of the process agree on them; never 0. */
const stamp = (clock: Clock): number => clock.now() | 0 || 1;
