/** Every workload, in the order in which `npm run bench` runs them. */
import type { Workload } from './workload.ts';
import { ACTORS } from './workloads/actors.ts';
import { CALLS } from './workloads/calls.ts';
import { GROWTH } from './workloads/growth.ts';
import { JOBS } from './workloads/jobs.ts';
import { OBJECTS } from './workloads/objects.ts';
import { RAY } from './workloads/ray.ts';
import { RUNNING } from './workloads/running.ts';
import { SAVINA } from './workloads/savina.ts';

export const WORKLOADS: readonly Workload[] = [
  ...CALLS,
  ...SAVINA,
  ...RUNNING,
  ...OBJECTS,
  ...ACTORS,
  ...GROWTH,
  ...RAY,
  ...JOBS,
];
