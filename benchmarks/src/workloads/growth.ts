/** How cost grows. */
import type { Arm, Workload } from '../workload.ts';

const arms = (over: string): readonly Arm[] => [
  { name: 'bare postMessage', side: 'light', program: 'growth.ts', settings: { over, carrier: 'post-message' } },
  { name: 'heddle', side: 'heddle', program: 'growth.ts', settings: { over, carrier: 'heddle' } },
];

export const GROWTH: readonly Workload[] = [
  {
    name: 'growth-actors',
    group: 'growth',
    title: 'calls/s to 1 … 100,000 actors by turns, 1,000 in flight',
    unit: 'calls/s to one actor',
    better: 'higher',
    timeFactor: 2,
    x: 'actors',
    arms: [{ name: 'heddle', side: 'heddle', program: 'growth.ts', settings: { over: 'actors' } }],
  },
  {
    name: 'growth-bytes',
    group: 'growth',
    title: 'calls/s with a Uint8Array of 0 bytes … 64 MB, up to 1,000 and 64 MB in flight',
    unit: 'calls/s without an argument',
    better: 'higher',
    timeFactor: 2,
    x: 'bytes',
    arms: arms('bytes'),
  },
  {
    name: 'growth-depth',
    group: 'growth',
    title: 'calls/s with 1 … 10,000 in flight',
    unit: 'calls/s one at a time',
    better: 'higher',
    timeFactor: 2,
    x: 'calls in flight',
    arms: arms('depth'),
  },
];
