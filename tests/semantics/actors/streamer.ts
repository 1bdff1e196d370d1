import { type ObjectRefGenerator, put, remote } from '@heddle/actors';
import { count, waitAtGate } from '../../support/gate.ts';

/** Yields in every way there is. */
export const Streamer = remote(
  import.meta,
  class Streamer {
    #yielded = 0;

    *numbers(to: number): Generator<number> {
      for (let n = 1; n <= to; n++) yield n;
    }

    async *later(to: number): AsyncGenerator<number> {
      for (let n = 1; n <= to; n++) {
        await Promise.resolve();
        yield n;
      }
    }

    /** Yields without end; counts what it yields in the tally's first place and its end in the second. */
    *endless(tally: SharedArrayBuffer): Generator<number> {
      try {
        for (let n = 1; ; n++) {
          count(tally, 0);
          this.#yielded = n;
          yield n;
        }
      } finally {
        count(tally, 1);
      }
    }

    /** The same with something in each item. */
    *blocks(tally: SharedArrayBuffer, bytes: number): Generator<Uint8Array> {
      for (;;) {
        count(tally, 0);
        yield new Uint8Array(bytes).fill(1);
      }
    }

    *failing(after: number): Generator<number> {
      for (let n = 1; n <= after; n++) yield n;
      throw new RangeError('no more');
    }

    *unsendable(tally: SharedArrayBuffer): Generator<unknown> {
      try {
        yield { n: 1 };
        yield { callback: () => {} };
        yield 3;
      } finally {
        count(tally, 0);
      }
    }

    async *gated(gate: SharedArrayBuffer): AsyncGenerator<string> {
      yield 'first';
      await waitAtGate(gate);
      yield 'second';
    }

    /** The same object twice, changed in between. */
    *changing(): Generator<{ n: number }> {
      const object = { n: 1 };
      yield object;
      object.n = 2;
      yield object;
    }

    *promised(): Generator<Promise<number>> {
      yield Promise.resolve(1);
      yield Promise.resolve(2);
    }

    *refs(): Generator<{ ref: unknown }> {
      yield { ref: put([1]) };
    }

    /** Ends its thread after so many items, in its first life. */
    *dying(tally: SharedArrayBuffer, after: number, to: number): Generator<number> {
      count(tally, 0);
      for (let n = 1; n <= to; n++) {
        if (n === after + 1 && new Int32Array(tally)[0] === 1) process.exit(1);
        yield n;
      }
    }

    yielded(): number {
      return this.#yielded;
    }

    take(_stream: unknown): void {}
  },
);

export const streamTask = remote(import.meta, function* streamTask(to: number): Generator<number> {
  for (let n = 1; n <= to; n++) yield n;
});

/** Consumes a stream inside an actor. */
export const Consumer = remote(
  import.meta,
  class Consumer {
    async sum(streamer: { numbers: { remote(to: number): ObjectRefGenerator<number> } }, to: number): Promise<number> {
      let sum = 0;
      for await (const item of streamer.numbers.remote(to)) sum += await item;
      return sum;
    }
  },
);
