import { remote } from 'heddle';

export const Counter = remote(
  import.meta,
  class Counter {
    #count = 0;
    take() {
      this.#count++;
      return this.#count;
    }
  },
);
