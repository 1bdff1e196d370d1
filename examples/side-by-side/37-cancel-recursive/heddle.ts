/**
 * Cancelling a call cancels the calls it made as well, and theirs, unless `recursive: false` says not to.
 *
 * Here a manager waits for a clerk. The clerk tells when it began and when it was cancelled.
 */
import { cancel, init } from 'heddle';
import { Clerk, Manager } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [clerk, manager] = [Clerk.remote(), Manager.remote()];
const delegated = manager.delegate.remote(clerk);
await clerk.untilBegan.remote();
await cancel(delegated);
try {
  await delegated;
} catch (error) {
  console.log("the manager's call:", (error as Error).name);
}
console.log(await clerk.untilCancelled.remote());
