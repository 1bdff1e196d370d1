/**
 * A remote function runs in a pool of workers and returns a ref at once. Calls of it are tasks, without an order.
 *
 * Refs connect them into a graph: a task runs when its arguments are there, and fails when one of them has failed.
 */
import { get, init, TaskError } from 'heddle';
import { add, root, square } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
console.log('squares:', ...(await get([0, 1, 2, 3, 4, 5].map((x) => square.remote(x)))));
const hypotenuse = root.remote(add.remote(square.remote(3), square.remote(4)));
console.log('hypotenuse of 3 and 4:', await hypotenuse);
try {
  await add.remote(1, root.remote(-4));
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.log('failed:', (error.cause as Error).message);
}
