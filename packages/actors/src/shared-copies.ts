/**
 * Copies of binary data in shared memory, and the memory of those that were given up before anybody saw them, to copy
 * into again.
 *
 * The system gives fresh memory page by page, at the first touch of each: that takes ten times as long as the copying.
 * So who puts one large value after another and releases each soon finds the last one's memory here. Some of it at most,
 * and for a moment at most: memory that is kept and not used is lost to all others.
 */
import type { Clock, Timer } from '@heddle/base';

/** Smaller memory costs little to get. */
const KEPT_BYTES_MIN = 256 * 1024;
/** What was not used for so long is let go, at most so much later again. */
const KEPT_MS = 1_000;

const NONE: readonly SharedArrayBuffer[] = [];

export interface SharedCopiesOptions {
  readonly clock: Clock;
  /** So much is kept at most. */
  readonly bytesMax: number;
  /** Memory was let go: a collection would free it. */
  readonly onLetGo: (bytes: number) => void;
}

export class SharedCopies {
  readonly #options: SharedCopiesOptions;
  /** By their length: memory of another one would show. */
  readonly #kept = new Map<number, SharedArrayBuffer[]>();
  #keptBytes = 0;
  #made: SharedArrayBuffer[] = [];
  #timer: Timer | undefined;
  #wasUsed = false;

  constructor(options: SharedCopiesOptions) {
    this.#options = options;
  }

  /** A view of the same kind of a copy of what `view` shows. */
  copyOf(view: ArrayBufferView): ArrayBufferView {
    const memory = this.#take(view.byteLength);
    new Uint8Array(memory).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    if (view instanceof DataView) return new DataView(memory);
    const Kind = (Buffer.isBuffer(view) ? Uint8Array : view.constructor) as new (
      memory: SharedArrayBuffer,
    ) => Uint8Array;
    return new Kind(memory);
  }

  /** The memory of the copies made since the last asking. */
  takeMade(): readonly SharedArrayBuffer[] {
    if (this.#made.length === 0) return NONE;
    const made = this.#made;
    this.#made = [];
    return made;
  }

  /** Nobody has seen what is in these, and nobody will. Returns how many bytes of them are kept. */
  keep(memories: readonly SharedArrayBuffer[]): number {
    let bytes = 0;
    for (const memory of memories) {
      if (memory.byteLength < KEPT_BYTES_MIN || this.#keptBytes + memory.byteLength > this.#options.bytesMax) continue;
      const alike = this.#kept.get(memory.byteLength);
      if (alike === undefined) this.#kept.set(memory.byteLength, [memory]);
      else alike.push(memory);
      this.#keptBytes += memory.byteLength;
      bytes += memory.byteLength;
    }
    if (bytes > 0) this.#use();
    return bytes;
  }

  /** Lets go of all that is kept. */
  letGo(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const bytes = this.#keptBytes;
    this.#kept.clear();
    this.#keptBytes = 0;
    if (bytes > 0) this.#options.onLetGo(bytes);
  }

  #take(bytes: number): SharedArrayBuffer {
    const alike = this.#kept.get(bytes);
    const memory = alike?.pop() ?? new SharedArrayBuffer(bytes);
    if (alike !== undefined) {
      this.#keptBytes -= bytes;
      if (alike.length === 0) this.#kept.delete(bytes);
      this.#use();
    }
    this.#made.push(memory);
    return memory;
  }

  #use(): void {
    this.#wasUsed = true;
    this.#timer ??= this.#options.clock.every(KEPT_MS, () => this.#look(), { background: true });
  }

  #look(): void {
    if (!this.#wasUsed) this.letGo();
    this.#wasUsed = false;
  }
}
