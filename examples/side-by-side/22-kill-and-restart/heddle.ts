/**
 * `kill` with `noRestart: false` uses up one restart: the actor is made anew, without what it knew.
 *
 * With no restart left it is a kill like any other; killing what is dead does nothing.
 */
import { init, kill } from 'heddle';
import { Goldfish } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const goldfish = Goldfish.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote();
await goldfish.learn.remote('food');
console.log('knows:', await goldfish.learn.remote('castle'));
await kill(goldfish, { noRestart: false });
console.log('after a restart it knows:', await goldfish.learn.remote('castle'));
await kill(goldfish, { noRestart: false });
await kill(goldfish);
try {
  for (;;) await goldfish.learn.remote('castle');
} catch (error) {
  console.log('no restart left:', (error as Error).name);
}
