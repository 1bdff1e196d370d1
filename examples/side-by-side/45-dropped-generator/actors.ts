import { remote } from 'heddle';

export const Press = remote(
  import.meta,
  class Press {
    readonly #mayPrint = Promise.withResolvers<void>();
    readonly #ended = Promise.withResolvers<void>();
    #printed = 0;

    async *printAll(count: number): AsyncGenerator<number> {
      try {
        for (let number = 1; number <= count; number++) {
          if (number > 2) await this.#mayPrint.promise;
          this.#printed = number;
          yield number;
        }
      } finally {
        this.#ended.resolve();
      }
    }

    async goOn(): Promise<void> {
      this.#mayPrint.resolve();
    }

    async readWhenEnded(): Promise<number> {
      await this.#ended.promise;
      return this.#printed;
    }
  },
);
