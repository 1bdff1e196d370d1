/** The same with one bare worker. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.postMessage(0);
  const [count] = await once(worker, 'message');
  writeSync(1, `${count}\n`);
  process.exit(0);
} else {
  let count = 0;
  parentPort.on('message', () => {
    count++;
    parentPort.postMessage(count);
  });
}
