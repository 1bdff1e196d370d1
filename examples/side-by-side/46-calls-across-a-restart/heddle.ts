/**
 * Calls that wait behind the one that crashes their actor, without retries. HERE RAY AND HEDDLE DIFFER.
 *
 * They had not begun, so it is safe to run them once the actor is made anew: Heddle does, in order. Ray fails them all.
 */
import { ActorDiedError, init } from 'heddle';
import { Gate, Waiter } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [gate, waiter] = [Gate.remote(), Waiter.options({ maxRestarts: 1, isolation: 'thread' }).remote()];
const calls = [
  waiter.serve.remote('soup'),
  waiter.stumble.remote(gate),
  waiter.serve.remote('roast'),
  waiter.serve.remote('pie'),
];
console.log(await calls[0]);
await gate.open.remote();
for (const call of calls.slice(1)) {
  try {
    console.log(await call);
  } catch (error) {
    if (!(error instanceof ActorDiedError)) throw error;
    console.log('failed');
  }
}
