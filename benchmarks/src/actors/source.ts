import { remote } from 'heddle';

/** A stream of whole numbers. */
export const Source = remote(
  import.meta,
  class Source {
    async *upTo(limit: number): AsyncGenerator<number> {
      for (let i = 1; i <= limit; i++) yield i;
    }
  },
);
