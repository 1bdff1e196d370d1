/**
 * A task holds its processors while it runs and waits for them before. An actor with `numCpus` holds them for life.
 *
 * While an actor has both, a task waits; one that asks for none passes it. The actor's end lets the task run.
 */
import { init, kill, type ObjectRef, wait } from 'heddle';
import { peep, Tenant, work } from './actors.ts';

async function stateOf(ref: ObjectRef<string>, timeoutMs: number): Promise<string> {
  const [ready] = await wait([ref], { timeoutMs });
  return ready.length > 0 ? await ref : 'waits';
}

await using _runtime = await init({ numCpus: 2 });
const tenant = Tenant.options({ numCpus: 2 }).remote();
console.log('tenant:', await tenant.here.remote());
const working = work.remote();
console.log('task without processors:', await peep.options({ numCpus: 0 }).remote());
console.log('task for one processor:', await stateOf(working, 100));
await kill(tenant);
console.log("after the tenant's end:", await working);
