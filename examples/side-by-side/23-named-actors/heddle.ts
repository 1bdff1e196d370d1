/**
 * A named actor can be found by its name from anywhere in its namespace. A name has one holder at a time.
 *
 * A taken name is refused. (Ray throws at the call; in Heddle the refs of the refused actor's calls fail.) The name is
 * free again when its holder is dead. A handle got by name does not keep the actor alive.
 */
import {
  ActorAlreadyExistsError,
  type ActorHandle,
  ActorNotFoundError,
  getActor,
  init,
  kill,
  listNamedActors,
} from 'heddle';
import { Radio } from './actors.ts';

async function make(station: string): Promise<ActorHandle<typeof Radio>> {
  const radio = Radio.options({ name: 'kitchen radio' }).remote(station);
  try {
    console.log('made:', await radio.listen.remote());
  } catch (error) {
    if (!(error instanceof ActorAlreadyExistsError)) throw error;
    console.log('refused:', station);
  }
  return radio;
}

async function find(name: string): Promise<void> {
  try {
    console.log('found:', await (await getActor<typeof Radio>(name)).listen.remote());
  } catch (error) {
    if (!(error instanceof ActorNotFoundError)) throw error;
    console.log('not found:', name);
  }
}

await using _runtime = await init({ workers: 2, namespace: 'house' });
await find('kitchen radio');
const radio = await make('jazz');
await make('news');
await find('kitchen radio');
console.log('names:', ...(await listNamedActors()));
await kill(radio);
using _opera = await make('opera');
await find('kitchen radio');
