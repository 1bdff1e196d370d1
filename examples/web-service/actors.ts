import { remote } from 'heddle';

/** A counter that lives as long as the service does, each under its own name. */
export const Counter = remote(
  import.meta,
  class Counter {
    #count = 0;

    add(by: number): number {
      return (this.#count += by);
    }

    read(): number {
      return this.#count;
    }
  },
);

/** Work that would hold up a server's loop. */
export const Factorizer = remote(
  import.meta,
  class Factorizer {
    factorize(n: number): readonly number[] {
      if (!Number.isSafeInteger(n) || n < 2) throw new RangeError(`${n} is not an integer of 2 or more`);
      const factors: number[] = [];
      for (let divisor = 2; divisor * divisor <= n; divisor++) {
        while (n % divisor === 0) {
          factors.push(divisor);
          n /= divisor;
        }
      }
      return n > 1 ? [...factors, n] : factors;
    }

    /** The multiples of `n`, one by one, for as long as somebody reads. */
    *multiples(n: number): Generator<number> {
      for (let multiple = n; ; multiple += n) yield multiple;
    }
  },
);
