/** Piscina with one task per worker, its default. */
import { Piscina } from 'piscina';
import type { OpenCarrier } from './carrier.ts';
import { poolOptions } from './piscina-options.ts';

export const open: OpenCarrier = async () => openPiscina(1);

export function openPiscina(tasksPerWorker: number) {
  const pool = new Piscina(poolOptions(tasksPerWorker));
  return { take: (value: unknown): Promise<number> => pool.run(value) };
}
