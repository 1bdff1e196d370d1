/**
 * Words in shared memory, or in a file that two processes share, that say since when a thread's present turn has run (0: asleep), and which constructor
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

export const BEAT_WORDS = 3;

/** Where the words stand. */
export interface BeatWords {
  storeBeat(index: number, word: number): void;
  loadBeat(index: number): number;
}

/** The words in memory that threads share; between processes they stand in a file (`BegunFile`). */
export class SharedBeat implements BeatWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(BEAT_WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  storeBeat(index: number, word: number): void {
    Atomics.store(this.#words, index, word);
  }

  loadBeat(index: number): number {
    return Atomics.load(this.#words, index);
  }
}

export class Heartbeat {
  readonly #words: BeatWords;
  readonly #clock: Clock;
  #clears = false;

  constructor(clock: Clock, words: BeatWords) {
    this.#words = words;
    this.#clock = clock;
  }

  /** The thread begins to work. Costs little when it has begun already in this turn. */
  begin(): void {
    if (this.#clears) return;
    this.#clears = true;
    this.#words.storeBeat(TURN_SINCE, stamp(this.#clock));
    setImmediate(() => {
      this.#clears = false;
      this.#words.storeBeat(TURN_SINCE, 0);
    });
  }

  /** For how long the present turn has run, in milliseconds; 0 when the thread is asleep. */
  busyMs(): number {
    return this.#msSince(this.#words.loadBeat(TURN_SINCE));
  }

  /** A constructor begins: visibly from outside until `constructed`. */
  constructs(cell: CellKey): void {
    this.begin();
    this.#words.storeBeat(CONSTRUCTING_SINCE, stamp(this.#clock));
    this.#words.storeBeat(CONSTRUCTING, cell | 0);
  }

  constructed(): void {
    this.#words.storeBeat(CONSTRUCTING, 0);
  }

  /** The constructor that runs now, and for how long. */
  get constructing(): { readonly cell: CellKey; readonly forMs: number } | undefined {
    const cell = this.#words.loadBeat(CONSTRUCTING);
    const forMs = this.#msSince(this.#words.loadBeat(CONSTRUCTING_SINCE)); // Perhaps the next one's: too short, never too long.
    return cell === 0 ? undefined : { cell, forMs };
  }

  #msSince(since: number): number {
    return since === 0 ? 0 : Math.max(0, (stamp(this.#clock) - since) | 0);
  }
}

/** Wall-clock milliseconds modulo 2^32, as all threads and processes of the machine agree on them; never 0. */
const stamp = (clock: Clock): number => clock.now() | 0 || 1;
