/**
 * A custom resource is a name and an amount. Tasks and actors ask for some of it and wait until it is free.
 *
 * What asks for more than there is waits for ever, until it is cancelled, and holds nobody back.
 */
import { cancel, init, kill, type ObjectRef, wait } from 'heddle';
import { Holder, need, passBy } from './actors.ts';

async function stateOf(ref: ObjectRef<string>, timeoutMs: number): Promise<string> {
  const [ready] = await wait([ref], { timeoutMs });
  return ready.length > 0 ? 'done' : 'waits';
}

await using _runtime = await init({ numCpus: 2, resources: { slot: 1 } });
const holder = Holder.options({ resources: { slot: 1 } }).remote();
console.log('actor', await holder.here.remote());

const impossible = need.options({ numCpus: 0, resources: { slot: 2 } }).remote();
const possible = need.options({ numCpus: 0, resources: { slot: 1 } }).remote();
console.log('a task for one slot:', await stateOf(possible, 100));
console.log('a task for none:', await passBy.options({ numCpus: 0 }).remote());
await kill(holder);
console.log('when the actor is gone:', await possible);

console.log('a task for two slots:', await stateOf(impossible, 100));
await cancel(impossible);
try {
  await impossible;
} catch (error) {
  console.log('cancelled:', (error as Error).name);
}
