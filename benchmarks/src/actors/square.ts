import { remote } from 'heddle';

export const square = remote(import.meta, function square(x: number): number {
  return x * x;
});
