/**
 * Lines up threads: an actor arrives at a gate and waits before it, the test learns of the arrival and opens it.
 * Shared memory only, so that it works while a thread is blocked; and no time, but for a limit that ends a test
 * whose other side never comes.
 */
import { realClock } from '@heddle/base';

const OPENED = 0;
const ARRIVALS = 1;
const LIMIT_MS = 60_000;

export class Gate {
  /** Crosses to the actor as an argument. */
  readonly memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  readonly #words = new Int32Array(this.memory);

  get arrivals(): number {
    return Atomics.load(this.#words, ARRIVALS);
  }

  /** Resolves when at least `count` have arrived. */
  async arrived(count = 1): Promise<void> {
    for (let now = this.arrivals; now < count; now = this.arrivals)
      await changed(this.#words, ARRIVALS, now, `${count} arrivals at a gate, of which ${now} came`);
  }

  open(): void {
    Atomics.store(this.#words, OPENED, 1);
    Atomics.notify(this.#words, OPENED);
  }
}

/** In an actor: arrives, and blocks its thread until the gate is open. */
export function blockAtGate(memory: SharedArrayBuffer): void {
  const words = arrive(memory);
  if (Atomics.load(words, OPENED) === 1) return;
  if (Atomics.wait(words, OPENED, 0, LIMIT_MS) === 'timed-out') throw new Error('the gate was never opened');
}

/** In an actor: arrives, and waits until the gate is open while its thread goes on. */
export async function waitAtGate(memory: SharedArrayBuffer): Promise<void> {
  const words = arrive(memory);
  if (Atomics.load(words, OPENED) === 0) await changed(words, OPENED, 0, 'the opening of a gate');
}

function arrive(memory: SharedArrayBuffer): Int32Array {
  const words = new Int32Array(memory);
  Atomics.add(words, ARRIVALS, 1);
  Atomics.notify(words, ARRIVALS);
  return words;
}

/** Resolves when the word is no longer `from`. Its deadline also keeps the thread's loop alive, which waiting for a word does not. */
async function changed(words: Int32Array, index: number, from: number, what: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  using _deadline = realClock.after(LIMIT_MS, () => late.reject(new Error(`waited in vain for ${what}`)));
  await Promise.race([Atomics.waitAsync(words, index, from).value, late.promise]);
}

/** Counts by number, in memory that outlives the threads that count. */
export class Tally {
  readonly memory: SharedArrayBuffer;
  readonly #counts: Int32Array;

  constructor(size: number) {
    this.memory = new SharedArrayBuffer(size * Int32Array.BYTES_PER_ELEMENT);
    this.#counts = new Int32Array(this.memory);
  }

  of(index: number): number {
    return Atomics.load(this.#counts, index);
  }
}

export function count(memory: SharedArrayBuffer, index: number): void {
  Atomics.add(new Int32Array(memory), index, 1);
}

/** Numbers in the order in which they were written, by whatever thread. */
export class SharedLog {
  readonly memory: SharedArrayBuffer;

  constructor(size: number) {
    this.memory = new SharedArrayBuffer((size + 1) * Int32Array.BYTES_PER_ELEMENT);
  }

  get entries(): number[] {
    const words = new Int32Array(this.memory);
    return [...words.subarray(1, 1 + Atomics.load(words, 0))];
  }
}

export function writeLog(memory: SharedArrayBuffer, entry: number): void {
  const words = new Int32Array(memory);
  words[1 + Atomics.add(words, 0, 1)] = entry;
}
