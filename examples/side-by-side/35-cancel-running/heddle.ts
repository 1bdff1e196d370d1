/**
 * A running call of an async actor that is cancelled learns it by its `AbortSignal`, and can tidy up.
 *
 * Its ref fails with `TaskCancelledError`. The actor goes on. What has finished already stays as it is.
 */
import { cancel, init } from 'heddle';
import { Diver } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const diver = Diver.remote();
const dive = diver.dive.remote();
const before = diver.untilDown.remote();
await before;
await cancel(dive);
try {
  await dive;
} catch (error) {
  console.log('the dive:', (error as Error).name);
}
console.log('the diver:', (await diver.read.remote()).join(', '));

await cancel(before);
console.log('cancelled after its end:', await before);
