/**
 * What is known of a job, in full: what `JobManager.getJobInfo` gives, and what Heddle's own routes carry.
 * Ray's routes carry `JobDetails`, made from it by `toJobDetails`.
 */
import type { JobErrorType } from './job-error-type.ts';
import type { JobStatus } from './job-status.ts';
import type { LogLimitPolicy } from './job-submission.ts';
import type { RuntimeEnv } from './runtime-env.ts';

export interface JobInfo {
  readonly submissionId: string;
  readonly status: JobStatus;
  /** The command as a shell would take it, whichever form it was given in. */
  readonly entrypoint: string;
  readonly message: string;
  readonly errorType: JobErrorType | null;
  readonly submittedAtMs: number;
  /** When the process was spawned, in ms since the epoch; null if it was not, or if that is unknown. */
  readonly startTime: number | null;
  /** When the process ended, as its parent saw it; null before the end. */
  readonly endTime: number | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly runtimeEnv: RuntimeEnv | null;
  readonly workingDirectory: string;
  /** Ray's number: −N for a death by signal N, null for STOPPED and before the end. */
  readonly driverExitCode: number | null;
  /** The code that the process exited with, STOPPED or not; null for a death by signal, or if nobody saw it. */
  readonly exitCode: number | null;
  /** The signal that the process died by, as in "SIGKILL". */
  readonly signal: string | null;
  readonly driverPid: number | null;
  readonly supervisorActorId: string | null;
  readonly supervisorRestarts: number;
  /** Counts from 1. All that is said here of a process, its end and its log is of this attempt. */
  readonly attempt: number;
  /** How the latest ten attempts before it ended. */
  readonly pastAttempts: readonly PastAttempt[];
  /** When the next attempt begins, while a job is between two; a RUNNING job has no process then. */
  readonly retryTime: number | null;
  readonly maxRetries: number;
  readonly timeoutMs: number | null;
  readonly startTimeoutMs: number | null;
  readonly fateSharing: boolean;
  readonly priority: number;
  /** What it asked for, by name: `CPU`, `GPU`, `memory` in bytes, and the operator's own. */
  readonly resources: Readonly<Record<string, number>>;
  /** How long its log may become, if it said so itself; null: as long as the daemon lets it. */
  readonly logLimitBytes: number | null;
  readonly logLimitPolicy: LogLimitPolicy | null;
  readonly logBytes: number;
  /** Where, after the header line of the attempt, the process's own bytes begin. */
  readonly logStartOffset: number;
  /** What a stop did to the job's processes; null or missing if it had nothing to do. */
  readonly stopReport?: StopReport | null | undefined;
}

/** An attempt that failed and was followed by another. */
export interface PastAttempt {
  readonly attempt: number;
  readonly startTime: number | null;
  readonly endTime: number;
  readonly errorType: JobErrorType | null;
  readonly message: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What was signalled to end a job, in order (a negative pid is a process group), and who lives in spite of it. */
export interface StopReport {
  readonly signals: readonly { readonly pid: number; readonly signal: string }[];
  readonly survivors: readonly number[];
  /** By what the processes were found: their control group, or the mark in their environment. Missing: an older version's. */
  readonly containment?: 'cgroup' | 'marker';
}

/** A piece of a job's log. */
export interface LogChunk {
  readonly text: string;
  /** Where to go on after this piece: a byte offset in the log. */
  readonly nextOffset: number;
}
