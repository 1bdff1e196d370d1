import { once } from 'node:events';
import { getRuntimeContext, remote } from 'heddle';

export const Diver = remote(
  import.meta,
  class Diver {
    readonly #trace: string[] = [];
    readonly #isDown = Promise.withResolvers<void>();

    async dive(): Promise<void> {
      const { signal } = getRuntimeContext();
      this.#trace.push('down');
      this.#isDown.resolve();
      await once(signal, 'abort');
      this.#trace.push('up again');
      signal.throwIfAborted();
    }

    async untilDown(): Promise<string> {
      await this.#isDown.promise;
      return 'was down';
    }

    async read(): Promise<readonly string[]> {
      return this.#trace;
    }
  },
);
