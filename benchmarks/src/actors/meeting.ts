import { remote } from 'heddle';

/** Calls that wait inside until `size` of them are there. */
export const Meeting = remote(
  import.meta,
  class Meeting {
    readonly #size: number;
    #inside = 0;
    #count = 0;
    #opened = Promise.withResolvers<void>();

    constructor(size: number) {
      this.#size = size;
    }

    async enter(): Promise<number> {
      const { promise } = this.#opened;
      this.#inside++;
      if (this.#inside === this.#size) {
        this.#inside = 0;
        this.#opened.resolve();
        this.#opened = Promise.withResolvers<void>();
      }
      await promise;
      this.#count++;
      return this.#count;
    }
  },
);
