import v8 from 'node:v8';
import { remote } from 'heddle';

/** As little as an actor can be. */
export const Plain = remote(
  import.meta,
  class Plain {
    #count = 0;

    ping(): number {
      this.#count++;
      return this.#count;
    }

    /** Frees what nothing holds any more in the actor's thread, only with `--expose-gc`; returns the bytes of its heap. */
    collect(): number {
      globalThis.gc?.();
      return v8.getHeapStatistics().used_heap_size;
    }
  },
);
