export type {
  ActorInfo,
  ActorState,
  DaemonState,
  DaemonStatus,
  HeddleVersionAnswer,
  JobErrorType,
  JobInfo,
  JobStatus,
  JobSubmission,
  LogChunk,
  PastAttempt,
  QueueCounts,
  ResourceAmounts,
  RuntimeEnv,
  StateFilter,
  StateResource,
  StateResult,
  StopSignal,
  WorkerInfo,
} from '@heddle/api';
export { InvalidSubmissionIdError, isTerminal } from '@heddle/api';
export * from './errors.ts';
export {
  JobSubmissionClient,
  type JobSubmissionClientOptions,
  type LogQuery,
  type StateListQuery,
  type TailQuery,
} from './job-submission-client.ts';
