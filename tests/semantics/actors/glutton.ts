import { remote } from '@heddle/actors';

/** Takes all it can get. */
export const Glutton = remote(
  import.meta,
  class Glutton {
    readonly #hoard: unknown[] = [];

    /** Uses up the heap, in pieces of a size of which V8 soon reports that no more of them can be had. */
    eat(): never {
      for (;;) this.#hoard.push(new Array(100_000).fill(0.5));
    }

    turnFor(milliseconds: number): void {
      const words = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(words, 0, 0, milliseconds);
    }

    ready(): boolean {
      return true;
    }
  },
);
