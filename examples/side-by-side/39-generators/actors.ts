import { remote } from 'heddle';

export const Printer = remote(
  import.meta,
  class Printer {
    #mayPrint = Promise.withResolvers<void>();

    async *printPages(count: number): AsyncGenerator<string> {
      for (let page = 1; page <= count; page++) {
        if (page === 3) throw new Error('out of paper');
        yield `page ${page}`;
        await this.#mayPrint.promise;
        this.#mayPrint = Promise.withResolvers<void>();
      }
    }

    async goOn(): Promise<void> {
      this.#mayPrint.resolve();
    }
  },
);

export const countDown = remote(import.meta, function* countDown(start: number): Generator<number> {
  for (let now = start; now > 0; now--) yield now;
});
