/** The shapes of Ray's microbenchmark; `npm run bench:ray` runs them beside real Ray. */
import type { Workload } from '../workload.ts';

export const RAY: readonly Workload[] = [
  {
    name: 'ray-shapes',
    group: 'shapes',
    title: "all shapes of Ray's microbenchmark; the figure is that of 1_1_actor_calls_async",
    unit: 'calls/s',
    better: 'higher',
    timeFactor: 0.5,
    arms: [{ name: 'heddle', side: 'heddle', program: 'ray-shapes.ts' }],
  },
];
