/**
 * A task that is cancelled while it waits for its processors or its arguments never starts.
 *
 * Here an actor holds all processors, and two tasks wait behind it; a third waits for the first. One is cancelled.
 */
import { cancel, get, init, kill, type ObjectRef } from 'heddle';
import { Log, Tenant, work } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
const [log, tenant] = [Log.remote(), Tenant.options({ numCpus: 2 }).remote()];
await get([log.write.remote('moved in'), tenant.here.remote()]);
const ada = work.remote(log, 'Ada');
const tasks = new Map<string, ObjectRef<void>>([
  ['Ada', ada],
  ['Bob', work.remote(log, 'Bob')],
  ['Cleo', work.remote(log, 'Cleo', ada)],
]);

await cancel(ada);
await kill(tenant);
for (const [name, task] of tasks) {
  try {
    await task;
    console.log(name, 'worked');
  } catch {
    console.log(name, 'was cancelled');
  }
}
console.log('log:', (await log.read.remote()).join(', '));
