/** Large values: storing one, and reading it in another thread. */
import type { Workload } from '../workload.ts';

export const OBJECTS: readonly Workload[] = [
  {
    name: 'put',
    group: 'objects',
    title: 'put of a Float64Array of 800 MB (quick: 80 MB)',
    unit: 'GB/s',
    better: 'higher',
    target: '≥ 0.9 × one copy into shared memory',
    arms: [
      { name: 'memcpy', side: 'light', program: 'memcpy.ts' },
      { name: 'heddle', side: 'heddle', program: 'objects.ts', settings: { what: 'put' } },
    ],
  },
  {
    name: 'get',
    group: 'objects',
    title: 'get of a resolved ref to it',
    unit: 'µs',
    better: 'lower',
    target: '≤ 20 µs',
    arms: [
      { name: 'await of a settled promise', side: 'light', program: 'settled-promise.ts' },
      { name: 'heddle', side: 'heddle', program: 'objects.ts', settings: { what: 'get' } },
    ],
  },
];
