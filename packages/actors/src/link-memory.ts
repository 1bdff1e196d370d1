/**
 * The words that the two ends of a link share: which calls have begun, how many batches were consumed, and how many
 * messages were posted, for whoever watches.
 *
 * Side 0 opened the link, side 1 accepted it. A begun byte is written by the side that runs the call, before
 * it runs it, and read by the caller only when the link has closed, that is after everything the other thread
 * ever wrote; so a plain store is enough. The consumed count and the waiting flag are two words of a handshake
 * (Dekker's) and need the order that `Atomics` gives.
 */
export type Side = 0 | 1;

/** How many calls may be on their way over one link in one direction; more wait in their actor's route. */
export const SLOTS = 65_536;

/** Each of the shared words has a cache line of its own, and the one that comes with it: both sides write at once. */
const STRIDE = 32;
const CONSUMED = 0;
const WAITING = 1;
const POSTED = 2;
const WORDS = 2 * 3 * STRIDE;
const WORDS_BYTES = WORDS * Int32Array.BYTES_PER_ELEMENT;

export class LinkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #begun: readonly [Uint8Array, Uint8Array];
  readonly #orders: readonly [Uint32Array, Uint32Array];

  constructor(buffer = new SharedArrayBuffer(WORDS_BYTES + 2 * SLOTS * (1 + Uint32Array.BYTES_PER_ELEMENT))) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#begun = [new Uint8Array(buffer, WORDS_BYTES, SLOTS), new Uint8Array(buffer, WORDS_BYTES + SLOTS, SLOTS)];
    const orders = WORDS_BYTES + 2 * SLOTS;
    this.#orders = [
      new Uint32Array(buffer, orders, SLOTS),
      new Uint32Array(buffer, orders + SLOTS * Uint32Array.BYTES_PER_ELEMENT, SLOTS),
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

  /** Whether this side waits for credit; asking takes the flag down. */
  takeWaiting(sender: Side): boolean {
    const word = wordOf(sender, WAITING);
    return Atomics.load(this.#words, word) === 1 && Atomics.exchange(this.#words, word, 0) === 1;
  }

  /** How many messages this side has posted, modulo 2^32. */
  postedOf(sender: Side): number {
    return Atomics.load(this.#words, wordOf(sender, POSTED));
  }

  /** Call after the message was posted: whoever sees the count finds the message. */
  addPosted(sender: Side): void {
    Atomics.add(this.#words, wordOf(sender, POSTED), 1);
  }
}

const wordOf = (sender: Side, word: number): number => (2 * word + sender) * STRIDE;
