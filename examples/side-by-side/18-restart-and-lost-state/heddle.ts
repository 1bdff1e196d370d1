/**
 * With `maxRestarts` an actor that dies is made anew: the same id, its constructor run again, its state lost.
 *
 * The call that ran at the death fails, since nobody knows how far it got. With no restart left the actor is dead.
 */
import { ActorDiedError, init } from 'heddle';
import { Counter } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const counter = Counter.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote(100);
await counter.add.remote();
console.log('before the crash:', await counter.add.remote());
try {
  await counter.crash.remote();
} catch (error) {
  if (!(error instanceof ActorDiedError && error.began)) throw error;
  console.log('the crashing call failed');
}
console.log('after it:', await counter.add.remote());
console.log('made anew:', (await counter.wasRestarted.remote()) ? 'yes' : 'no');

await counter.crash.remote().then(null, () => console.log('the crashing call failed'));
try {
  await counter.add.remote();
} catch (error) {
  console.log('no restart left:', (error as Error).name);
}
