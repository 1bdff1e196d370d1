import { remote } from 'heddle';

const SEATS = 3;

export const Table = remote(
  import.meta,
  class Table {
    readonly #everybody = Promise.withResolvers<void>();
    #seated = 0;

    /** Not `async`: the class would be an async actor, and run a thousand calls at once by itself. */
    dine(name: string): Promise<string> {
      if (++this.#seated === SEATS) this.#everybody.resolve();
      return this.#everybody.promise.then(() => `${name} ate`);
    }
  },
);

export const Clerk = remote(
  import.meta,
  class Clerk {
    #atOnce = 0;
    #most = 0;

    serve(): Promise<number> {
      this.#most = Math.max(this.#most, ++this.#atOnce);
      return new Promise((resolve) => {
        setImmediate(() => {
          this.#atOnce--;
          resolve(this.#most);
        });
      });
    }
  },
);
