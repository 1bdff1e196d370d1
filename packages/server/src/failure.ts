/**
 * What a caller is told of an error. Pure.
 *
 * Errors that callers bring about get a status and a text, Ray's where Ray has one. Everything else is a 500:
 * a failure that has a name says what it is, as a full disk does; the text of a bug stays in the log.
 */
import { WireError } from '@heddle/api';
import { HeddleError } from '@heddle/base';

export function toWireError(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (!(error instanceof HeddleError)) return internal(error);
  const details = error.details as Readonly<Record<string, unknown>>;
  const refuse = (status: WireError['status'], text = error.message) =>
    new WireError(status, error.code, text, { cause: error, retryable: error.retryable });
  switch (error.code) {
    case 'JOB_NOT_FOUND':
      return refuse(404, `Job ${details.submissionId} does not exist`);
    case 'JOB_ALREADY_EXISTS':
      return refuse(
        409,
        `Job with submission_id ${details.submissionId} already exists. Please use a different submission_id.`,
      );
    case 'JOB_NOT_TERMINAL':
      return refuse(
        409,
        `Attempted to delete job '${details.submissionId}', but it is in a non-terminal state ${details.status}.`,
      );
    case 'INVALID_SUBMISSION_ID':
      return refuse(400);
    case 'JOB_LOG_TOO_LARGE':
    case 'PACKAGE_TOO_LARGE':
      return refuse(413);
    case 'JOB_QUEUE_FULL':
    case 'PACKAGES_FULL':
      return refuse(429);
    case 'JOB_MANAGER_CLOSED':
    case 'RUNTIME_CLOSED':
      return refuse(503);
    default:
      return refuse(500);
  }
}

const internal = (cause: unknown): WireError =>
  new WireError(500, 'INTERNAL', 'The server failed to serve this request; its log says why', { cause });

/** A submission that the job manager finds wrong is the caller's mistake; its own `TypeError`s are ours. */
export function asSubmissionError(error: unknown): unknown {
  const isOption = (error instanceof TypeError || error instanceof RangeError) && /^Cannot submit /.test(error.message);
  return isOption ? new WireError(400, 'BAD_REQUEST', error.message, { cause: error }) : error;
}
