/**
 * An actor ends with its owner, the one whose call made it, even if others have handles; a detached actor does not.
 *
 * A detached actor ends by `kill`, by its own exit, or when its restarts are used up.
 */
import { ActorDiedError, getActor, init, kill } from 'heddle';
import { Gardener, type Plant } from './actors.ts';

await using _runtime = await init({ workers: 2, namespace: 'garden' });
const gardener = Gardener.remote();
const [flower, tree] = await gardener.plant.remote();
console.log('flower', await flower.water.remote(), '| tree', await tree.water.remote());

await kill(gardener);
try {
  for (;;) await flower.water.remote(); // It ends soon after its owner.
} catch (error) {
  if (!(error instanceof ActorDiedError)) throw error;
  console.log('the flower is dead');
}
console.log('tree', await tree.water.remote());
tree.release();
console.log('tree', await (await getActor<typeof Plant>('tree')).water.remote());
await kill(await getActor('tree'));
