import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async () => {
  const script = fileURLToPath(new URL('./workers/poolifier.ts', import.meta.url));
  const pool = new FixedThreadPool<{ value: unknown }, number>(1, script);
  return { take: (value) => pool.execute({ value }) as Promise<number> };
};
