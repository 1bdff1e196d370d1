import { remote } from 'heddle';
import { checkValue } from '../arm/values.ts';

export const TakingCounter = remote(
  import.meta,
  class TakingCounter {
    #count = 0;

    take(value?: unknown): number {
      checkValue(value);
      this.#count++;
      return this.#count;
    }
  },
);

export const TakingCounterAsync = remote(
  import.meta,
  class TakingCounterAsync {
    #count = 0;

    async take(value?: unknown): Promise<number> {
      await null;
      checkValue(value);
      this.#count++;
      return this.#count;
    }
  },
);
