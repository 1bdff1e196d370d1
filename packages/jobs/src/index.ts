export * from './errors.ts';
export { type JobLogOptions, JobManager, type JobManagerStats } from './job-manager.ts';
export type { JobManagerOptions, JobSubmitOptions } from './options.ts';
