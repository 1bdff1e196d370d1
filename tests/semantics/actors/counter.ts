import { getRuntimeContext, type RuntimeContext, remote } from '@heddle/actors';

/** Counts, fails when asked, and tells where it is. */
export const Counter = remote(
  import.meta,
  class Counter {
    #n: number;

    constructor(start = 0) {
      this.#n = start;
    }

    increment(by = 1): number {
      this.#n += by;
      return this.#n;
    }

    value(): number {
      return this.#n;
    }

    fail(message: string): never {
      throw new RangeError(message);
    }

    context(): RuntimeContext {
      const { actorId, actorName, namespace, workerId, restartCount } = getRuntimeContext();
      return { actorId, actorName, namespace, workerId, restartCount } as RuntimeContext;
    }
  },
);
