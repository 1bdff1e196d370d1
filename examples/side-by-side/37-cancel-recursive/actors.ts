import { once } from 'node:events';
import { type ActorHandle, getRuntimeContext, remote } from 'heddle';

export const Clerk = remote(
  import.meta,
  class Clerk {
    readonly #began = Promise.withResolvers<void>();
    readonly #cancelled = Promise.withResolvers<void>();

    async work(): Promise<void> {
      const { signal } = getRuntimeContext();
      this.#began.resolve();
      await once(signal, 'abort');
      this.#cancelled.resolve();
    }

    async untilBegan(): Promise<void> {
      await this.#began.promise;
    }

    async untilCancelled(): Promise<string> {
      await this.#cancelled.promise;
      return 'the clerk was cancelled';
    }
  },
);

export const Manager = remote(
  import.meta,
  class Manager {
    async delegate(clerk: ActorHandle<typeof Clerk>): Promise<void> {
      await clerk.work.remote();
    }
  },
);
