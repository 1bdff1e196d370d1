/** What a job's `message` says of each state where nothing more is known, in Ray's words. */
import type { JobStatus } from './job-status.ts';

export const DEFAULT_JOB_MESSAGES: Readonly<Record<JobStatus, string>> = Object.freeze({
  PENDING: 'Job has not started yet.',
  RUNNING: 'Job is currently running.',
  STOPPED: 'Job was intentionally stopped.',
  SUCCEEDED: 'Job finished successfully.',
  FAILED: 'Job failed.',
});

/** Follow the PENDING message where the reason is known. Each begins with the space that joins it. */
export const PENDING_FOR_RESOURCES =
  ' It may be waiting for resources (CPUs, GPUs, memory, custom resources) to become available.';
export const PENDING_FOR_RUNTIME_ENV = ' It may be waiting for the runtime environment to be set up.';
