/**
 * Words in shared memory by which the driver tells a thread of killed cells at once: an entry on the link stands
 * behind the calls that were sent before it, and a thread that is busy with them would run them all first.
 *
 * A word holds the key of the last cell killed of those that share it. A kill that another one has overwritten
 * is seen when its entry comes.
 */
import type { CellKey } from './protocol.ts';

const WORDS = 1_024;

export class KillWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  kill(cell: CellKey): void {
    Atomics.store(this.#words, cell % WORDS, cell | 0);
  }

  isKilled(cell: CellKey): boolean {
    return this.#words[cell % WORDS] === (cell | 0); // Asked twice a call; an atomic load costs several times as much.
  }
}
