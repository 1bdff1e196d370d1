/**
 * A large Float64Array stored once and read in another thread.
 *
 * `put`: bytes per second of storing it. `get`: microseconds from a resolved ref to the array, here. Reading it in
 * another thread is checked, and noted.
 */
import { init, put } from 'heddle';
import { Holder } from '../actors/holder.ts';
import { median } from '../statistics.ts';
import { runArmProgram } from './program.ts';

await runArmProgram(async ({ isQuick }, { what }) => {
  const bytes = isQuick ? 80e6 : 800e6;
  await using _runtime = await init({ objectStoreBytes: 8e9 });
  const holder = Holder.remote();
  await holder.worker.remote();
  const array = new Float64Array(bytes / 8).fill(1.5);
  array[array.length - 1] = 2.5;
  const putSeconds: number[] = [];
  const getUs: number[] = [];
  const elsewhereUs: number[] = [];
  for (let round = 0; round < 4; round++) {
    const began = performance.now();
    const ref = put(array);
    putSeconds.push((performance.now() - began) / 1000);
    await ref;
    for (let i = 0; i < 50; i++) {
      const start = performance.now();
      const value = await ref;
      getUs.push((performance.now() - start) * 1000);
      if (value[value.length - 1] !== 2.5) throw new Error('Cannot trust this arm: the array is not what was put');
    }
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const [first, last] = await holder.ends.remote(ref);
      elsewhereUs.push((performance.now() - start) * 1000);
      if (first !== 1.5 || last !== 2.5) throw new Error('Cannot trust this arm: another thread read another array');
    }
    ref.release();
  }
  const notes = { MB: bytes / 1e6, 'call with the ref, µs': median(elsewhereUs) };
  return what === 'put' ? { value: bytes / 1e9 / median(putSeconds.slice(1)), notes } : { value: median(getUs), notes };
});
