/**
 * The runtime context tells code where it runs: which actor, task, worker and namespace.
 *
 * The id of an actor stays when the actor is made anew; that of its worker does not. Each call is a task with its own id.
 */
import { getRuntimeContext, init, kill } from 'heddle';
import { Traveller } from './actors.ts';

type Place = Record<'actor' | 'worker' | 'task', unknown>;

function compare(first: Place, second: Place): void {
  for (const key of ['actor', 'worker', 'task'] as const)
    console.log(`${key}:`, first[key] === second[key] ? 'the same' : 'another');
}

await using _runtime = await init({ workers: 2, namespace: 'station' });
console.log('in the driver, actor:', getRuntimeContext().actorId === undefined ? 'none' : 'one');

const options = { name: 'Phileas', maxRestarts: 1, maxTaskRetries: -1, isolation: 'thread' } as const;
const traveller = Traveller.options(options).remote();
const first = await traveller.where.remote();
console.log('name and namespace:', first.name, first.namespace);
compare(first, await traveller.where.remote());

await kill(traveller, { noRestart: false });
const third = await traveller.where.remote();
console.log('restarted:', third.restarted ? 'yes' : 'no');
compare(first, third);
