import { TakingCounter, TakingCounterAsync } from '../actors/counter.ts';
import { startHeddle } from '../arm/heddle.ts';
import type { OpenCarrier } from './carrier.ts';

export const open: OpenCarrier = async ({ isAsync, latency }) => {
  const runtime = await startHeddle({ latency });
  const counter = isAsync ? TakingCounterAsync.remote() : TakingCounter.remote();
  return {
    take: (value) => (value === undefined ? counter.take.remote() : counter.take.remote(value)),
    close: () => runtime.shutdown(),
  };
};
