/**
 * How a job ended, decided from facts. Pure.
 *
 * A durable stop request outranks whatever came after it: the job is STOPPED, and keeps the code or signal of
 * its leader in Heddle's own record. Any other cause for which a job was made to end is FAILED, unless the job
 * ended before. Otherwise 0 is SUCCEEDED and everything else FAILED. A code is only ever
 * what the launcher, the parent, was told by the kernel; where nobody was told, it is null.
 */
import { constants } from 'node:os';
import { DEFAULT_JOB_MESSAGES, type JobErrorType } from '@heddle/api';
import type { Exited } from '@heddle/launcher';
import type { EndCause } from './end-cause.ts';

export type TerminalStatus = 'SUCCEEDED' | 'FAILED' | 'STOPPED';

/** The end of a job, as its record will say it. */
export interface Outcome {
  readonly status: TerminalStatus;
  readonly errorType: JobErrorType | null;
  /** What the leader ended with; null if nobody saw it, or nothing ran. */
  readonly exit: Exited | null;
  /** The message, or undefined where it quotes the log and must be composed from it. */
  readonly message: string | undefined;
}

/** Ray's `driver_exit_code`: the code, −N for a death by signal N, null if unknown. */
export function driverExitCode(exit: Pick<Exited, 'code' | 'signal'> | null): number | null {
  if (exit === null) return null;
  if (exit.signal === null) return exit.code;
  const number = constants.signals[exit.signal as NodeJS.Signals];
  return number === undefined ? null : -number;
}

const MESSAGE_LOST =
  'Job process lost: the launcher that watched it is gone, so its exit code cannot be known. What was left of it has been killed.';
const MESSAGE_HOST_RESTARTED =
  'Job process lost: the host (or its process namespace) was restarted while the job ran, so its exit code cannot be known.';

const MESSAGE_LOG_LIMIT = 'Job stopped: its log grew beyond its limit; a line in the log says how far.';

/** A failure's message quotes at most so much of the log, as Ray's does. */
export const QUOTED_LINES = 10;
export const QUOTED_CHARS = 20_000;

export function outcomeOfExit(cause: EndCause | undefined, exit: Exited): Outcome {
  if (cause?.reason === 'stop') return { ...outcomeOfStop(), exit };
  if (cause !== undefined && exit.endedAtMs >= cause.atMs) return { ...failed(cause.errorType, cause.message), exit };
  if (exit.logLimitExceeded) return { ...failed('JOB_LOG_LIMIT_EXCEEDED', MESSAGE_LOG_LIMIT), exit };
  if (exit.code === 0) return { status: 'SUCCEEDED', errorType: null, exit, message: DEFAULT_JOB_MESSAGES.SUCCEEDED };
  return { status: 'FAILED', errorType: 'JOB_ENTRYPOINT_COMMAND_ERROR', exit, message: undefined };
}

const outcomeOfStop = (): Outcome => ({
  status: 'STOPPED',
  errorType: null,
  exit: null,
  message: DEFAULT_JOB_MESSAGES.STOPPED,
});

/** It was made to end before it began. */
export const outcomeOfRefusal = (cause: EndCause | undefined): Outcome =>
  cause === undefined || cause.reason === 'stop' ? outcomeOfStop() : failed(cause.errorType, cause.message);

export function outcomeOfFailedStart(cause: EndCause | undefined, failure: string): Outcome {
  if (cause?.reason === 'stop') return outcomeOfStop();
  return failed('JOB_ENTRYPOINT_COMMAND_START_ERROR', `Job entrypoint command could not be started: ${failure}`);
}

export function outcomeOfLoss(cause: EndCause | undefined, hostRestarted: boolean): Outcome {
  if (cause !== undefined) return outcomeOfRefusal(cause);
  return hostRestarted
    ? failed('JOB_HOST_RESTARTED', MESSAGE_HOST_RESTARTED)
    : failed('JOB_PROCESS_LOST', MESSAGE_LOST);
}

export const outcomeOfFailedSetup = (fact: string): Outcome =>
  failed('RUNTIME_ENV_SETUP_FAILURE', `runtime_env setup failed: ${fact}`);

const failed = (errorType: JobErrorType, message: string): Outcome => ({
  status: 'FAILED',
  errorType,
  exit: null,
  message,
});

/** Ray's words for an exit with an error. `lastLines` is what the process wrote last, "" if nothing. */
export function failedExitMessage(exit: Exited, lastLines: string): string {
  const failure = failureOfExit('Job entrypoint command', exit);
  if (lastLines === '') return `${failure}. No logs available.`;
  return `${failure}, last available logs (truncated to ${QUOTED_CHARS.toLocaleString('en-US')} chars):\n${lastLines}`;
}

export const failureOfExit = (what: string, exit: Exited): string =>
  `${what} failed with exit code ${driverExitCode(exit)}`;
