/**
 * An error that was thrown because of another one. HERE RAY AND HEDDLE DIFFER.
 *
 * Python chains them by `__cause__`, JavaScript by `cause`. Ray loses the chain on the way, Heddle keeps it.
 */
import { init, TaskError } from 'heddle';
import { Server } from './actors.ts';

await using _runtime = await init({ workers: 2 });
try {
  await Server.remote().start.remote();
} catch (error) {
  if (!(error instanceof TaskError && error.cause instanceof Error)) throw error;
  console.log('thrown:', error.cause.message);
  console.log('because of:', error.cause.cause instanceof Error ? error.cause.cause.message : 'nothing known');
}
