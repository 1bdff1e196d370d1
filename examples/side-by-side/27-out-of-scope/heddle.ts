/**
 * An actor that is not detached ends when its last handle is gone, after finishing what was submitted to it.
 *
 * In Python `del` gives a handle up. In JavaScript `using` or `release()` does, at once; a handle that is merely dropped
 * counts until the garbage collector has found it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ActorNotFoundError, getActor, init } from 'heddle';
import { Keeper, Lamp } from './actors.ts';

async function isThere(): Promise<'yes' | 'no'> {
  try {
    await getActor('lamp');
    return 'yes';
  } catch (error) {
    if (!(error instanceof ActorNotFoundError)) throw error;
    return 'no';
  }
}

await using _runtime = await init({ workers: 2, namespace: 'attic' });
const [lamp, keeper] = [Lamp.options({ name: 'lamp' }).remote(), Keeper.remote()];
const last = lamp.shine.remote();
await keeper.keep.remote([lamp]);
lamp.release();
console.log('its last call:', await last);
console.log('there while the keeper has a handle:', await isThere());

await keeper.letGo.remote();
while ((await isThere()) === 'yes') await delay(10); // It ends soon after its last handle.
console.log('there when no handle is left:', await isThere());
