import { remote } from 'heddle';

export const Desk = remote(
  import.meta,
  class Desk {
    readonly #trace: string[] = [];
    readonly #came = Promise.withResolvers<void>();
    readonly #mayGoOn = Promise.withResolvers<void>();

    async first(): Promise<void> {
      this.#trace.push('first begins');
      this.#came.resolve();
      await this.#mayGoOn.promise;
      this.#trace.push('first ends');
    }

    async untilFirstCame(): Promise<void> {
      await this.#came.promise;
    }

    async second(): Promise<void> {
      this.#trace.push('second begins');
      this.#mayGoOn.resolve();
      this.#trace.push('second ends');
    }

    async read(): Promise<readonly string[]> {
      return this.#trace;
    }
  },
);
