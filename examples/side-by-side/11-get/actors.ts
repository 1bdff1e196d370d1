import { remote } from 'heddle';

export const Kitchen = remote(
  import.meta,
  class Kitchen {
    readonly #served = Promise.withResolvers<void>();

    async cook(dish: string): Promise<string> {
      await this.#served.promise;
      return dish;
    }

    async burn(dish: string): Promise<string> {
      throw new Error(`${dish} is burnt`);
    }

    async serve(): Promise<void> {
      this.#served.resolve();
    }
  },
);
