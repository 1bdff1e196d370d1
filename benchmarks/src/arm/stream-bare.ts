/** Items as bare messages: one `postMessage` each, taken from an async iterator over the port. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { measure, perSecond, Tally } from './measure.ts';
import { runArmProgram } from './program.ts';

const ITEMS = 5000;

if (isMainThread) await runArmProgram(consume);
else
  parentPort!.on('message', (limit: number) => {
    for (let i = 1; i <= limit; i++) parentPort!.postMessage(i);
  });

async function consume(plan: Parameters<Parameters<typeof runArmProgram>[0]>[0]) {
  const worker = new Worker(new URL(import.meta.url));
  await once(worker, 'online');
  const tally = new Tally();
  let streams = 0;
  const measured = await measure(plan, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const take = (item: number) => {
      tally.add(item);
      if (item === ITEMS) resolve();
    };
    worker.on('message', take);
    worker.postMessage(ITEMS);
    await promise;
    worker.off('message', take);
    streams++;
    return ITEMS;
  });
  tally.checkSum((streams * (ITEMS * (ITEMS + 1))) / 2);
  return perSecond(measured);
}
