/**
 * `getIfExists` settles a race: of many who want to make the actor of one name at once, one does, and all get it.
 *
 * Its options and arguments are the winner's. Here five searchers, each in a place of its own, count in one register.
 */
import { get, getActor, init, kill, listNamedActors } from 'heddle';
import { type Register, Searcher } from './actors.ts';

await using _runtime = await init({ workers: 2, namespace: 'race' });
const searchers = [0, 1, 2, 3, 4].map((number) => Searcher.remote(number));
await get(searchers.map((searcher) => searcher.search.remote()));
const register = await getActor<typeof Register>('register');
console.log('entries in the one register:', ...(await register.read.remote()));
console.log('names:', ...(await listNamedActors()));
await kill(register);
