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

    /** Frees what nothing holds any more in the actor's thread; only with `--expose-gc`. */
    collect(): void {
      globalThis.gc?.();
    }
  },
);
