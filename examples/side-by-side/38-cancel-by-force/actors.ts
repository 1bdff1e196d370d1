import { type ActorHandle, remote } from 'heddle';

export const Meter = remote(
  import.meta,
  class Meter {
    readonly #started = Promise.withResolvers<void>();
    #starts = 0;

    async start(): Promise<void> {
      this.#starts++;
      this.#started.resolve();
    }

    async untilStarted(): Promise<void> {
      await this.#started.promise;
    }

    async count(): Promise<number> {
      return this.#starts;
    }
  },
);

export const stubborn = remote(import.meta, async function stubborn(meter: ActorHandle<typeof Meter>): Promise<void> {
  await meter.start.remote();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // Blocks its thread, for ever.
});

export const gentle = remote(import.meta, function gentle(x: number): number {
  return 2 * x;
});
