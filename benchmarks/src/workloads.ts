/** Every workload, in the order in which `npm run bench` runs them. */
import type { Workload } from './workload.ts';
import { CALLS } from './workloads/calls.ts';
import { JOBS } from './workloads/jobs.ts';

export const WORKLOADS: readonly Workload[] = [...CALLS, ...JOBS];
