/** The speed of light: bare `postMessage`, one message per call and per answer, a map of pending promises. */
import { Worker } from 'node:worker_threads';
import type { OpenCarrier } from './carrier.ts';

export interface Request {
  readonly id: number;
  readonly value: unknown;
}

export interface Response {
  readonly id: number;
  readonly count: number;
}

export const open: OpenCarrier = async ({ isAsync }) => {
  const worker = new Worker(new URL('./workers/post-message.ts', import.meta.url), { workerData: { isAsync } });
  const pending = new Map<number, (count: number) => void>();
  let calls = 0;
  worker.on('error', (error) => {
    throw error;
  });
  worker.on('message', ({ id, count }: Response) => {
    pending.get(id)!(count);
    pending.delete(id);
  });
  return {
    take: (value) =>
      new Promise((resolve) => {
        const id = calls++;
        pending.set(id, resolve);
        worker.postMessage({ id, value } satisfies Request);
      }),
  };
};
