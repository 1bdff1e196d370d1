import { remote } from 'heddle';

export const Statistician = remote(
  import.meta,
  class Statistician {
    sum(numbers: Uint8Array): number {
      return numbers.reduce((sum, number) => sum + number, 0);
    }

    sumOfPart(numbers: Uint8Array, begin: number, end: number): number {
      return this.sum(numbers.subarray(begin, end));
    }
  },
);
