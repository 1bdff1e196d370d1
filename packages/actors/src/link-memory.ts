/**
 * The memory that the two ends of a link share: which calls have begun, how many batches were consumed, whether a
 * side sleeps, for how long tasks have run, and the rings by which batches go.
 *
 * Side 0 opened the link, side 1 accepted it. A begun byte is written by the side that runs the call, before
 * it runs it, and read by the caller only when the link has closed, that is after everything the other thread
 * ever wrote; so a plain store is enough. The consumed count and the waiting flag are two words of a handshake
 * (Dekker's), and so are a ring's place and the word of a sleeper: they need the order that `Atomics` gives.
 */
import { RING_BYTES, type RingPlaces, RingReader, RingWriter } from './batch-ring.ts';

export type Side = 0 | 1;

/** How many calls may be on their way over one link in one direction; more wait in their actor's route. */
export const SLOTS = 65_536;

/** Each of the shared words has a cache line of its own, and the one that comes with it: both sides write at once. */
const STRIDE = 32;
const CONSUMED = 0;
const WAITING = 1;
const SLEEPING = 2;
const WRITTEN = 3;
const READ = 4;
const RAN = 5;
const WORDS = 2 * 6 * STRIDE;
const WORDS_BYTES = WORDS * Int32Array.BYTES_PER_ELEMENT;
const RINGS_AT = WORDS_BYTES;
const BEGUN_AT = RINGS_AT + 2 * RING_BYTES;
const ORDERS_AT = BEGUN_AT + 2 * SLOTS;
const ALL_BYTES = ORDERS_AT + 2 * SLOTS * Uint32Array.BYTES_PER_ELEMENT;

export class LinkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #begun: readonly [Uint8Array, Uint8Array];
  readonly #orders: readonly [Uint32Array, Uint32Array];

  constructor(buffer = new SharedArrayBuffer(ALL_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#begun = [new Uint8Array(buffer, BEGUN_AT, SLOTS), new Uint8Array(buffer, BEGUN_AT + SLOTS, SLOTS)];
    this.#orders = [
      new Uint32Array(buffer, ORDERS_AT, SLOTS),
      new Uint32Array(buffer, ORDERS_AT + SLOTS * Uint32Array.BYTES_PER_ELEMENT, SLOTS),
    ];
  }

  /** The callers' numbers of the calls that this side makes, by slot: a call's name wherever it runs. */
  ordersOf(caller: Side): Uint32Array {
    return this.#orders[caller];
  }

  /** The begun bytes of the calls that this side makes. */
  begunOf(caller: Side): Uint8Array {
    return this.#begun[caller];
  }

  /** How many batches sent by this side the other has consumed, modulo 2^32. */
  consumedOf(sender: Side): number {
    return Atomics.load(this.#words, wordOf(sender, CONSUMED));
  }

  addConsumed(sender: Side): void {
    Atomics.add(this.#words, wordOf(sender, CONSUMED), 1);
  }

  setWaiting(sender: Side, isWaiting: boolean): void {
    Atomics.store(this.#words, wordOf(sender, WAITING), isWaiting ? 1 : 0);
  }

  isWaiting(sender: Side): boolean {
    return Atomics.load(this.#words, wordOf(sender, WAITING)) === 1;
  }

  /** Whether this side waits for credit; asking takes the flag down. */
  takeWaiting(sender: Side): boolean {
    const word = wordOf(sender, WAITING);
    return Atomics.load(this.#words, word) === 1 && Atomics.exchange(this.#words, word, 0) === 1;
  }

  /** Whether this side has fallen asleep, or is about to, and nobody has gone to wake it. */
  isAsleep(sleeper: Side): boolean {
    return Atomics.load(this.#words, wordOf(sleeper, SLEEPING)) === 1;
  }

  /** This side sleeps from now on, if there is nothing for it to take: look after this. Or it is up. */
  setAsleep(sleeper: Side, isAsleep: boolean): void {
    Atomics.store(this.#words, wordOf(sleeper, SLEEPING), isAsleep ? 1 : 0);
  }

  /** Whether this side sleeps and the asker is the one to wake it. */
  takeSleeper(sleeper: Side): boolean {
    return this.isAsleep(sleeper) && Atomics.exchange(this.#words, wordOf(sleeper, SLEEPING), 0) === 1;
  }

  writerOf(sender: Side): RingWriter {
    return new RingWriter(this.buffer, RINGS_AT + sender * RING_BYTES, this.#placesOf(sender));
  }

  readerOf(sender: Side): RingReader {
    return new RingReader(this.buffer, RINGS_AT + sender * RING_BYTES, this.#placesOf(sender));
  }

  #placesOf(sender: Side): RingPlaces {
    return { words: this.#words, written: wordOf(sender, WRITTEN), read: wordOf(sender, READ) };
  }

  /** For how long this side has run tasks of the other's, in microseconds modulo 2^32. Written before their answers are posted. */
  ranUsOf(runner: Side): number {
    return this.#words[wordOf(runner, RAN)]!;
  }

  setRanUs(runner: Side, us: number): void {
    this.#words[wordOf(runner, RAN)] = us;
  }
}

const wordOf = (sender: Side, word: number): number => (2 * word + sender) * STRIDE;
