/**
 * Names live in namespaces: the same name in two of them means two actors.
 *
 * A name without a namespace means the program's own. (Ray gives each program a random one unless it names one; Heddle's
 * is `default`.)
 */
import { ActorNotFoundError, get, getActor, init, listNamedActors } from 'heddle';
import { Mayor } from './actors.ts';

await using _runtime = await init({ workers: 2, namespace: 'springfield' });
using here = Mayor.options({ name: 'mayor' }).remote('Springfield');
using there = Mayor.options({ name: 'mayor', namespace: 'shelbyville' }).remote('Shelbyville');
await get([here.greet.remote(), there.greet.remote()]);

console.log(await (await getActor<typeof Mayor>('mayor')).greet.remote());
console.log(await (await getActor<typeof Mayor>('mayor', 'shelbyville')).greet.remote());
try {
  await getActor('mayor', 'capital city');
} catch (error) {
  if (!(error instanceof ActorNotFoundError)) throw error;
  console.log('nobody there');
}

console.log('here:', ...(await listNamedActors()));
const everywhere = await listNamedActors({ allNamespaces: true });
const mayors = everywhere.map(({ name, namespace }) => `${name} of ${namespace}`);
console.log('everywhere:', mayors.toSorted().join(', '));
