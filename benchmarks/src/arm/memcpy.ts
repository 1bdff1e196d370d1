/** Bytes per second of one copy into fresh shared memory: the fastest that a `put` which copies can be. */
import { median } from '../statistics.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async ({ isQuick }) => {
  const bytes = isQuick ? 80e6 : 800e6;
  const array = new Float64Array(bytes / 8).fill(1.5);
  const seconds: number[] = [];
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    const copy = new Float64Array(new SharedArrayBuffer(bytes));
    copy.set(array);
    seconds.push((performance.now() - start) / 1000);
    if (copy[copy.length - 1] !== 1.5) throw new Error('Cannot trust this arm: the copy is not whole');
  }
  return { value: bytes / 1e9 / median(seconds.slice(1)), notes: { MB: bytes / 1e6 } };
});
