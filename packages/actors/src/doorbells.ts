/**
 * One word in shared memory for each thread of a runtime, which whoever posts to that thread counts up: a thread
 * that watches its word learns of a message on any of its links without going to sleep.
 *
 * Threads share words when their numbers are `BELLS` apart. Then one looks into its links in vain, no more.
 */
const BELLS = 256;
/** Each word has a cache line of its own, and the line that comes with it, so that ringing one disturbs no other. */
const STRIDE = 32;

export class Doorbells {
  readonly buffer: SharedArrayBuffer;

  constructor(buffer = new SharedArrayBuffer(BELLS * STRIDE * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
  }

  of(threadId: number): Doorbell {
    return new Doorbell(new Int32Array(this.buffer, (threadId % BELLS) * STRIDE * Int32Array.BYTES_PER_ELEMENT, 1));
  }
}

export class Doorbell {
  readonly #word: Int32Array;

  constructor(word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))) {
    this.#word = word;
  }

  /** Call after the message was posted. */
  ring(): void {
    Atomics.add(this.#word, 0, 1);
  }

  /** Changes with every ring. */
  get rings(): number {
    return Atomics.load(this.#word, 0);
  }
}
