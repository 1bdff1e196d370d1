/**
 * What a command that cannot be done prints, and how it ends. Pure.
 *
 * One line, in the grammar of every error, and what to do where there is something to do. Only an error that
 * nobody foresaw, ours, shows its stack.
 */

import { InvalidSubmissionIdError } from '@heddle/api';
import { HeddleError } from '@heddle/base';
import { RequestFailedError, ServerUnreachableError } from '@heddle/client';

export const EXIT_FAILED = 1;
/** The command line itself is wrong. */
export const EXIT_USAGE = 2;

export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** The command line cannot be meant so. */
export class UsageError extends HeddleError {
  override readonly name = 'UsageError';
  override readonly code = 'USAGE';
}

/** Ends the command with this code. Nothing went wrong with it, and all has been said. */
export class EndWith extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`end with code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof UsageError) return { text: error.message, exitCode: EXIT_USAGE };
  if (error instanceof ServerUnreachableError && error.retryable)
    return {
      text: `${error.message}: no daemon is running there; start one with "heddle start"`,
      exitCode: EXIT_FAILED,
    };
  if (error instanceof HeddleError)
    return { text: error.message, exitCode: isRefusedAsWrong(error) ? EXIT_USAGE : EXIT_FAILED };
  if (isOption(error)) return { text: error.message, exitCode: EXIT_USAGE };
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: EXIT_FAILED };
}

/** An id that cannot be one, or a value with which the daemon found fault: asking again as it was is of no use. */
const isRefusedAsWrong = (error: HeddleError): boolean =>
  error instanceof InvalidSubmissionIdError || (error instanceof RequestFailedError && error.details.status === 400);

/** A wrong option says what cannot be done; a bug says something else. */
const isOption = (error: unknown): error is Error =>
  (error instanceof TypeError || error instanceof RangeError) && /^Cannot (?!read|set|destructure)/.test(error.message);
