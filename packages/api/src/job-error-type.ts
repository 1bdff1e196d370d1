/** Why a job FAILED, for programs. The first eight are Ray's, the rest Heddle's own. */
export const JOB_ERROR_TYPES = [
  'RUNTIME_ENV_SETUP_FAILURE',
  'JOB_SUPERVISOR_ACTOR_START_TIMEOUT',
  'JOB_SUPERVISOR_ACTOR_START_FAILURE',
  'JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE',
  'JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE',
  'JOB_SUPERVISOR_ACTOR_DIED',
  'JOB_ENTRYPOINT_COMMAND_START_ERROR',
  'JOB_ENTRYPOINT_COMMAND_ERROR',
  /** It ran for longer than its `timeoutMs` and was ended. */
  'JOB_TIMEOUT',
  /** The launcher that watched the process is gone: nobody can know how the job ended. */
  'JOB_PROCESS_LOST',
  /** The machine, or its process namespace, was restarted while the job ran. */
  'JOB_HOST_RESTARTED',
  /** The job was stopped because its log had grown beyond its limit. */
  'JOB_LOG_LIMIT_EXCEEDED',
] as const;

/** Ray: `JobErrorType`. */
export type JobErrorType = (typeof JOB_ERROR_TYPES)[number];
