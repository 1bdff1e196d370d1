/** The speed of light: bare `postMessage`, one message per call, a map of pending promises. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { measure, sizeFromCommandLine } from '../arm.ts';
import { pipelined } from './workload.ts';

interface Message {
  readonly id: number;
  readonly value: number;
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const pending = new Map<number, (value: number) => void>();
  let calls = 0;
  worker.on('message', ({ id, value }: Message) => {
    pending.get(id)!(value);
    pending.delete(id);
  });
  const increment = () =>
    new Promise<number>((resolve) => {
      const id = calls++;
      pending.set(id, resolve);
      worker.postMessage({ id, value: 0 } satisfies Message);
    });
  await measure(sizeFromCommandLine(), (count) => pipelined(count, increment));
  await worker.terminate();
} else {
  let count = 0;
  parentPort!.on('message', ({ id }: Message) => {
    count++;
    parentPort!.postMessage({ id, value: count } satisfies Message);
  });
}
