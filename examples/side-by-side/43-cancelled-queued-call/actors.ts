import { type ActorHandle, remote } from 'heddle';

export const Gate = remote(
  import.meta,
  class Gate {
    readonly #opened = Promise.withResolvers<void>();
    readonly #came = Promise.withResolvers<void>();

    async wait(): Promise<void> {
      this.#came.resolve();
      await this.#opened.promise;
    }

    async untilCame(): Promise<void> {
      await this.#came.promise;
    }

    async open(): Promise<void> {
      this.#opened.resolve();
    }
  },
);

export const Mason = remote(
  import.meta,
  class Mason {
    readonly #laid: string[] = [];

    lay(stone: string, gate: ActorHandle<typeof Gate>): PromiseLike<void> {
      this.#laid.push(stone);
      return gate.wait.remote();
    }

    show(): readonly string[] {
      return this.#laid;
    }
  },
);
