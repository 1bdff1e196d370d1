import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async () => {
  const script = fileURLToPath(new URL('./workers/workerpool.ts', import.meta.url));
  const pool = workerpool.pool(script, { workerType: 'thread', minWorkers: 1, maxWorkers: 1 });
  return {
    take: (value) => pool.exec('take', [value]) as PromiseLike<number>,
  };
};
