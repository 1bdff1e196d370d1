import { spawn, Worker } from 'threads';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async () => {
  const script = new Worker('./workers/threads.ts');
  const worker = await spawn<{ take(value: unknown): number }>(script);
  return { take: (value) => worker.take(value) as Promise<number> };
};
