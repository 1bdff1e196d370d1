import { Worker } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async () => {
  const worker = new Worker(new URL('./workers/comlink.ts', import.meta.url));
  const remote = wrap(nodeEndpoint(worker)) as Remote<{ take(value: unknown): number }>;
  return { take: (value) => remote.take(value) };
};
