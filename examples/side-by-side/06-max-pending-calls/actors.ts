import { type ActorHandle, type ObjectRef, remote } from 'heddle';

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

export const Mill = remote(
  import.meta,
  class Mill {
    grind(sack: string, gate: ActorHandle<typeof Gate>): PromiseLike<string> {
      const opened: ObjectRef<void> = gate.wait.remote();
      return opened.then(() => `flour of ${sack}`);
    }
  },
);
