import { type ActorHandle, remote } from 'heddle';

export const Counter = remote(
  import.meta,
  class Counter {
    #count = 0;

    add(by: number): number {
      return (this.#count += by);
    }
  },
);

export interface Config {
  readonly services: { readonly counters: readonly ActorHandle<typeof Counter>[] };
}

export const Worker = remote(
  import.meta,
  class Worker {
    #counter: ActorHandle<typeof Counter> | undefined;

    configure(config: Config): void {
      this.#counter = config.services.counters[0];
    }

    async work(by: number): Promise<number> {
      return await this.#counter!.add.remote(by);
    }

    lend(): ActorHandle<typeof Counter> {
      return this.#counter!;
    }
  },
);
