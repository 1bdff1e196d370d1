/**
 * Words in shared memory, or in a file that two processes share, that say since when a thread's present turn has run (0: asleep), and which constructor
 * runs there since when.
 *
 * The thread writes it when it begins to act on what has come and clears it when its loop has turned, so that the
 * driver sees a thread that no longer turns without asking it, which such a thread could not answer. To clear it at once
 * costs 1 µs for each call that wakes the thread, so a thread does it late unless the driver bounds its turns.
 */
import type { Clock } from '@heddle/base';
import type { CellKey } from './protocol.ts';

const TURN_SINCE = 0;
const CONSTRUCTING = 1;
const CONSTRUCTING_SINCE = 2;
/** Written by the driver: the turns of this thread are bounded. */
const IS_BOUNDED = 3;

export const BEAT_WORDS = 4;

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

/** By how much a thread whose turns are not bounded may look busy for too long. */
const LATE_MS = 20;

export class Heartbeat {
  readonly #words: BeatWords;
  readonly #clock: Clock;
  #isToClear = false;

  constructor(clock: Clock, words: BeatWords) {
    this.#words = words;
    this.#clock = clock;
  }

  /** The driver will end the thread if a turn takes too long. */
  bounds(): void {
    this.#words.storeBeat(IS_BOUNDED, 1);
  }

  /** The thread begins to work. Costs little when it has begun already in this turn. */
  turnBegins(): void {
    if (this.#isToClear) return;
    this.#isToClear = true;
    this.#words.storeBeat(TURN_SINCE, stamp(this.#clock));
    if (this.#words.loadBeat(IS_BOUNDED) === 1) setImmediate(this.#clear);
    else this.#clock.after(LATE_MS, this.#clear, { background: true });
  }

  readonly #clear = (): void => {
    this.#isToClear = false;
    this.#words.storeBeat(TURN_SINCE, 0);
  };

  /** For how long the present turn has run, in milliseconds; 0 when the thread is asleep. */
  busyMs(): number {
    return this.#msSince(this.#words.loadBeat(TURN_SINCE));
  }

  /** A constructor begins: visibly from outside until `constructed`. */
  constructs(cell: CellKey): void {
    this.turnBegins();
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
