import { AsyncLocalStorage } from 'node:async_hooks';
import { type ActorHandle, remote } from '@heddle/actors';

/** The program's own, not the runtime's. */
const storage = new AsyncLocalStorage<string>();

/** Tells what of a caller's asynchronous storage reaches it: one call at a time. */
export const Storing = remote(
  import.meta,
  class Storing {
    stored(): string | undefined {
      return storage.getStore();
    }

    storedLater(): Promise<string | undefined> {
      return Promise.resolve().then(() => storage.getStore());
    }
  },
);

export const AsyncStoring = remote(
  import.meta,
  class AsyncStoring {
    async stored(): Promise<string | undefined> {
      return storage.getStore();
    }

    async storedLater(): Promise<string | undefined> {
      await null;
      return storage.getStore();
    }
  },
);

/** Calls from inside a storage of its own, and says what it itself has there before and after. */
export const StoringCaller = remote(
  import.meta,
  class StoringCaller {
    async callAll(others: readonly ActorHandle<typeof AsyncStoring>[]): Promise<(string | undefined)[]> {
      await Promise.all(others.map((other) => other.stored.remote())); // From here on calls go straight to them.
      return await storage.run('of the caller', async () => {
        await new Promise(setImmediate); // The calls are the first thing in their turn.
        const before = storage.getStore();
        const answers = await Promise.all(
          others.flatMap((other) => [other.stored.remote(), other.storedLater.remote()]),
        );
        return [before, ...answers, storage.getStore()];
      });
    }

    /** Makes an actor from inside a storage, and asks it. */
    async makeAndCall(): Promise<(string | undefined)[]> {
      return await storage.run('of the maker', async () => {
        const [plain, other] = [Storing.remote(), AsyncStoring.remote()];
        await Promise.all([plain.stored.remote(), other.stored.remote()]);
        return await Promise.all([plain.stored.remote(), plain.storedLater.remote(), other.stored.remote()]);
      });
    }
  },
);
