/**
 * A generator method gives its caller a generator of refs at once; each item can be had as soon as it is yielded.
 *
 * An error arrives as the last ref. Here the printer prints a page only when the driver has the one before.
 */
import { init, TaskError } from 'heddle';
import { countDown, Printer } from './actors.ts';

await using _runtime = await init({ numCpus: 2 });
const printer = Printer.remote();
const pages = printer.printPages.remote(5);
try {
  for await (const ref of pages) {
    console.log(await ref);
    await printer.goOn.remote();
  }
} catch (error) {
  if (!(error instanceof TaskError)) throw error;
  console.log('failed:', (error.cause as Error).message);
}
console.log('anything after it:', (await pages.next()).done ? 'no' : 'yes');

const numbers: number[] = [];
for await (const ref of countDown.remote(5)) numbers.push(await ref);
console.log('a task counts down:', ...numbers);
