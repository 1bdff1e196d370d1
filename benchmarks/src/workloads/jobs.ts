/** Jobs from submit to terminal status, beside a bare `spawn` of the same command. */
import type { Workload } from '../workload.ts';

export const JOBS: readonly Workload[] = [
  {
    name: 'jobs',
    group: 'jobs',
    title: '`true` by a shell, submit to terminal status, 16 at once',
    unit: 'jobs/s',
    better: 'higher',
    timeFactor: 4,
    arms: [
      { name: 'bare spawn', side: 'light', program: 'spawn.ts' },
      { name: 'heddle', side: 'heddle', program: 'jobs.ts', settings: { containment: 'marker' } },
      { name: 'heddle, control groups', side: 'heddle', program: 'jobs.ts', settings: { containment: 'cgroup' } },
    ],
  },
];
