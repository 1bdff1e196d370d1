import { init } from 'heddle';
import { TakingCounter, TakingCounterAsync } from '../actors/counter.ts';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async ({ isAsync, latency }) => {
  await init({ latency });
  const counter = isAsync ? TakingCounterAsync.remote() : TakingCounter.remote();
  return {
    take: (value) => (value === undefined ? counter.take.remote() : counter.take.remote(value)),
  };
};
