import { remote } from 'heddle';

export const square = remote(import.meta, function square(x: number): number {
  return x * x;
});

export const add = remote(import.meta, function add(...numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
});

export const root = remote(import.meta, function root(x: number): number {
  if (x < 0) throw new RangeError(`no root of ${x}`);
  return Math.sqrt(x);
});
