/**
 * A ref may be an argument before its value is there: the call waits for the value, the caller for nothing.
 *
 * So calls chain into a pipeline whose values go from actor to actor. A failed ref fails everything that needs it,
 * and a call that needs it is not run at all.
 */
import { init, TaskError } from 'heddle';
import { Calculator } from './actors.ts';

await using _runtime = await init({ workers: 2 });
const [first, second] = [Calculator.remote(), Calculator.remote()];
const six = first.add.remote(1, second.add.remote(2, 3));
console.log('1 + (2 + 3) =', await six);

const broken = first.divide.remote(six, 0);
const needsIt = second.add.remote(1, broken);
try {
  await second.add.remote(needsIt, 1);
} catch (error) {
  if (!(error instanceof TaskError && error.cause instanceof RangeError)) throw error;
  console.log('at the end of the pipeline:', error.cause.message);
}
console.log('calls of the second calculator that ran:', await second.count.remote());
