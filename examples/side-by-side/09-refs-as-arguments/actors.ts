import { remote } from 'heddle';

export const Calculator = remote(
  import.meta,
  class Calculator {
    #calls = 0;

    add(a: number, b: number): number {
      this.#calls++;
      return a + b;
    }

    divide(a: number, b: number): number {
      this.#calls++;
      if (b === 0) throw new RangeError('division by zero');
      return a / b;
    }

    count(): number {
      return this.#calls;
    }
  },
);
