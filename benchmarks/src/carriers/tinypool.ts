import { Tinypool } from 'tinypool';
import type { OpenCarrier } from './carrier.ts';
import { poolOptions } from './piscina-options.ts';

export const open: OpenCarrier = async () => {
  const pool = new Tinypool(poolOptions(1));
  return { take: (value) => pool.run(value) };
};
