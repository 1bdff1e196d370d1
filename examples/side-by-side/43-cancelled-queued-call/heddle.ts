/**
 * A call that is cancelled while it waits behind another one at a busy actor. HERE RAY AND HEDDLE DIFFER.
 *
 * Its ref fails in both. In Ray it may run all the same when its turn comes; in Heddle it never starts.
 */
import { cancel, init, TaskCancelledError } from 'heddle';
import { Gate, Mason } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [gate, mason] = [Gate.remote(), Mason.remote()];
const stones = new Map(['first', 'second', 'third'].map((stone) => [stone, mason.lay.remote(stone, gate)]));
await gate.untilCame.remote();
await cancel(stones.get('second')!);
await gate.open.remote();
for (const [stone, ref] of stones) {
  try {
    await ref;
    console.log(stone, 'laid');
  } catch (error) {
    if (!(error instanceof TaskCancelledError)) throw error;
    console.log(stone, 'cancelled');
  }
}
console.log('the wall:', ...(await mason.show.remote()));
