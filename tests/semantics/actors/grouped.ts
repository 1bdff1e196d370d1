import { method, remote } from '@heddle/actors';
import { waitAtGate } from '../../support/gate.ts';

/** Declares groups, numbers of results and retries for its methods. */
export const Grouped = remote(
  import.meta,
  class Grouped {
    // The compiler infers no type for a static field of a class that is an argument: it must be given one.
    static readonly methods: Readonly<Record<string, ReturnType<typeof method>>> = {
      read: method({ concurrencyGroup: 'io' }),
      pair: method({ numReturns: 2 }),
      none: method({ numReturns: 0 }),
      flaky: method({ maxTaskRetries: 3, retryExceptions: [RangeError] }),
    };

    #attempts = 0;
    #ran = 0;

    async read(gate: SharedArrayBuffer, value: unknown): Promise<unknown> {
      await waitAtGate(gate);
      return value;
    }

    async compute(gate: SharedArrayBuffer, value: unknown): Promise<unknown> {
      await waitAtGate(gate);
      return value;
    }

    async pair(first: unknown, second: unknown): Promise<unknown> {
      return [first, second];
    }

    async several(...values: unknown[]): Promise<unknown[]> {
      return values;
    }

    async none(): Promise<void> {
      this.#ran++;
    }

    async ran(): Promise<number> {
      return this.#ran;
    }

    /** Fails until it has been tried so often. */
    async flaky(succeedsAt: number, kind: 'range' | 'type'): Promise<number> {
      if (++this.#attempts < succeedsAt) throw kind === 'range' ? new RangeError('again') : new TypeError('no');
      return this.#attempts;
    }
  },
);
