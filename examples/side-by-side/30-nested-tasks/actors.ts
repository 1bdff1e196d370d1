import { get, type ObjectRef, remote } from 'heddle';

/** Its type is written down: TypeScript could not infer it from a function that calls it. */
export const treeSum: { remote(numbers: readonly number[]): ObjectRef<number> } = remote(
  import.meta,
  async function treeSumOf(numbers: readonly number[]): Promise<number> {
    if (numbers.length === 1) return numbers[0]!;
    const middle = Math.floor(numbers.length / 2);
    const halves = [treeSum.remote(numbers.slice(0, middle)), treeSum.remote(numbers.slice(middle))];
    return (await get(halves)).reduce((sum, half) => sum + half, 0);
  },
);
