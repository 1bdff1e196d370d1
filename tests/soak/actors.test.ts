/**
 * What a hundred thousand short lives leave behind: nothing. Each actor is made, called once and killed; afterwards
 * every count is zero and the heap of each thread is what it was after the first few thousand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { init, kill } from '@heddle/actors';
import { nextTurn } from '../support/runtime-harness.ts';
import { Heap } from './heap.ts';

const ACTORS = 100_000;
const WARM_UP = 20_000;
const COLLECTIONS = 8;
/** So many live at a time. */
const WAVE = 500;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

async function live(actors: number): Promise<void> {
  for (let made = 0; made < actors; made += WAVE) {
    await Promise.all(
      Array.from({ length: WAVE }, async (_, at) => {
        const actor = Heap.remote();
        assert.equal(await actor.echo.remote(at), at);
        await kill(actor);
      }),
    );
  }
}

test(`${ACTORS} actors made, called once and killed leave nothing behind`, async () => {
  await using runtime = await init({ workers: 1 });
  const probe = Heap.remote();
  const heaps = async () => {
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < COLLECTIONS; round++) {
      await nextTurn(); // What a collection has found is let go in a later turn, and collected by the next one.
      collect();
      least[0] = Math.min(least[0]!, process.memoryUsage().heapUsed);
      least[1] = Math.min(least[1]!, await probe.used.remote());
    }
    return least;
  };
  await live(WARM_UP);
  const before = await heaps();
  await live(ACTORS);
  const after = await heaps();
  assert.deepEqual(
    { ...runtime.stats(), workers: 0 },
    { actors: 1, objects: 0, objectBytes: 0, pendingCalls: 0, workers: 0 },
  );
  for (const [at, bytes] of after.entries())
    assert.ok(bytes < before[at]! * 1.1, `heap ${at} grew from ${before[at]} to ${bytes} bytes`);
  await kill(probe);
  await runtime.shutdown();
  assert.deepEqual(runtime.stats(), { actors: 0, objects: 0, objectBytes: 0, pendingCalls: 0, workers: 0 });
});
