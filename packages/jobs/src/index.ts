export type { Logger } from '@heddle/base';
export { examineMachine, type MachineReport } from './doctor.ts';
export type { Finding } from './doctor-judge.ts';
export * from './errors.ts';
export { type JobLogOptions, JobManager, type JobManagerStats } from './job-manager.ts';
export { SUPERVISOR_NAMESPACE, toSupervisorName } from './job-supervisor.ts';
export type { TailOptions } from './log-tail.ts';
export type { JobManagerOptions } from './options.ts';
export type { JobSubmitOptions } from './submission.ts';
