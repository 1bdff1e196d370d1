/**
 * A word in shared memory that says since when a thread's present turn has run; 0: asleep.
 *
 * The thread writes it when it begins to act on a batch and clears it when its loop has turned, so that the
 * driver sees a thread that no longer turns without asking it, which such a thread could not answer.
 */
import type { Clock } from '@heddle/base';

export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #word: Int32Array;
  readonly #clock: Clock;
  #clears = false;

  constructor(clock: Clock, buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#word = new Int32Array(buffer);
    this.#clock = clock;
  }

  /** The thread begins to work. Costs little when it has begun already in this turn. */
  begin(): void {
    if (this.#clears) return;
    this.#clears = true;
    Atomics.store(this.#word, 0, stamp(this.#clock));
    setImmediate(() => {
      this.#clears = false;
      Atomics.store(this.#word, 0, 0);
    });
  }

  /** For how long the present turn has run, in milliseconds; 0 when the thread is asleep. */
  busyMs(): number {
    const since = Atomics.load(this.#word, 0);
    return since === 0 ? 0 : Math.max(0, (stamp(this.#clock) - since) | 0);
  }
}

/** Wall-clock milliseconds modulo 2^32, as all threads of the process agree on them; never 0. */
const stamp = (clock: Clock): number => clock.now() | 0 || 1;
