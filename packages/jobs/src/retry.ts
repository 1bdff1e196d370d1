/**
 * Whether a failed attempt is followed by another, and when. Pure.
 *
 * An attempt that ended badly is made again while `maxRetries` allows: a bad exit, a death by signal, a time limit,
 * a process that was lost, a command that could not be started. What was lost may have done its work: so with
 * retries a job runs at least once, without at most once. Not made again: what was stopped, a job whose environment
 * cannot be set up or that did not start in time, and one that shared its supervisor's fate.
 */
import type { JobErrorType } from '@heddle/api';
import type { Outcome } from './outcome.ts';

const RETRIED: readonly (JobErrorType | null)[] = [
  'JOB_ENTRYPOINT_COMMAND_ERROR',
  'JOB_ENTRYPOINT_COMMAND_START_ERROR',
  'JOB_TIMEOUT',
  'JOB_PROCESS_LOST',
  'JOB_HOST_RESTARTED',
];

/** However often it failed, no back-off is longer. */
export const RETRY_DELAY_MAX_MS = 60_000;

export interface RetryFacts {
  readonly attempt: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
}

/** How long after the end the next attempt begins; undefined: this end is the job's. */
export function judgeRetry(job: RetryFacts, outcome: Outcome): number | undefined {
  if (outcome.status !== 'FAILED' || !RETRIED.includes(outcome.errorType)) return undefined;
  return job.attempt > job.maxRetries ? undefined : backoffMs(job);
}

/** Doubles with every attempt. */
export const backoffMs = ({ attempt, retryDelayMs }: RetryFacts): number =>
  Math.min(retryDelayMs * 2 ** (attempt - 1), RETRY_DELAY_MAX_MS);

/** What of a record says when its next attempt begins. */
export interface BackoffFacts extends RetryFacts {
  readonly retryAtMs: number | null;
  readonly stopRequestedAtMs: number | null;
}

/** How long the next attempt, which the record speaks of already, is still to wait; 0: it may begin, or never will. */
export function backoffLeftMs({ retryAtMs, stopRequestedAtMs, ...job }: BackoffFacts, nowMs: number): number {
  if (retryAtMs === null || stopRequestedAtMs !== null) return 0;
  const longestMs = backoffMs({ ...job, attempt: job.attempt - 1 }); // A wall clock that was set back must not make it longer.
  return Math.max(0, Math.min(retryAtMs - nowMs, longestMs));
}

/** What the record says until the next attempt runs. */
export function retryMessage(job: RetryFacts, failure: string): string {
  const attempts = job.maxRetries + 1;
  const seconds = (backoffMs(job) / 1000).toLocaleString('en-US');
  return `Attempt ${job.attempt} of ${attempts} failed; attempt ${job.attempt + 1} begins ${seconds} s after its end. ${failure}`;
}
