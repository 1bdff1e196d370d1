/**
 * Errors that a method throws are not retried, unless `retryExceptions` names their class (a subclass counts too).
 *
 * On an actor that needs `maxTaskRetries` as well. The actor does not die of an error: it keeps its state.
 */
import { init, TaskError } from 'heddle';
import { Hotline } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const patient = Hotline.remote(['busy', 'very busy', 'connected']);
console.log(await patient.call.remote(), 'at call', await patient.count.remote());

const closed = Hotline.remote(['busy', 'closed', 'connected']);
try {
  await closed.call.remote();
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.log((error.cause as Error).name, 'at call', await closed.count.remote());
}
