/**
 * A task that never looks whether it was cancelled can be ended by force: its worker ends, and is replaced.
 *
 * The ref fails with `TaskCancelledError` and the task is not retried. Only tasks: an actor call refuses force.
 */
import { cancel, get, init } from 'heddle';
import { gentle, Meter, stubborn } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
const meter = Meter.remote();
const task = stubborn.remote(meter);
await meter.untilStarted.remote();
await cancel(task, { force: true });
try {
  await task;
} catch (error) {
  console.log('the task:', (error as Error).name);
}
console.log('others go on:', ...(await get([0, 1, 2, 3, 4].map((x) => gentle.remote(x)))));
console.log('it was started:', await meter.count.remote(), 'time');

try {
  await cancel(meter.count.remote(), { force: true });
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.log('an actor call refuses force');
}
