import { type ActorHandle, remote } from 'heddle';

export const Gate = remote(
  import.meta,
  class Gate {
    readonly #opened = Promise.withResolvers<void>();

    async wait(): Promise<void> {
      await this.#opened.promise;
    }

    async open(): Promise<void> {
      this.#opened.resolve();
    }
  },
);

export const Waiter = remote(
  import.meta,
  class Waiter {
    readonly #served: string[] = [];

    serve(dish: string): string {
      this.#served.push(dish);
      return this.#served.join(' ');
    }

    stumble(gate: ActorHandle<typeof Gate>): PromiseLike<never> {
      return gate.wait.remote().then(() => process.exit(1));
    }
  },
);
