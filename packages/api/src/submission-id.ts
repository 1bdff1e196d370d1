/**
 * What may be a job's id. It becomes a file name and part of an actor's name and of a URL, so every door
 * checks it: HTTP routes, the job manager, the client before it builds a path.
 */
import { HeddleError, quote, registerErrorClass } from '@heddle/base';

/** 1 to 128 letters, digits, `_`, `.` and `-`, the first a letter or a digit. */
export const SUBMISSION_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** The id cannot name a job; nothing was looked up or made. */
export class InvalidSubmissionIdError extends HeddleError {
  override readonly name = 'InvalidSubmissionIdError';
  override readonly code = 'INVALID_SUBMISSION_ID';
  override readonly details: { readonly submissionId: string };

  constructor(submissionId: unknown) {
    super(
      `Cannot use submission id ${quote(submissionId)}: expected 1 to 128 letters, digits, "_", "." or "-", beginning with a letter or digit`,
    );
    this.details = { submissionId: String(submissionId).slice(0, 128) };
  }
}
registerErrorClass(InvalidSubmissionIdError);

export const isSubmissionId = (value: unknown): value is string =>
  typeof value === 'string' && SUBMISSION_ID_PATTERN.test(value);

/** @throws InvalidSubmissionIdError */
export function checkSubmissionId(value: unknown): asserts value is string {
  if (!isSubmissionId(value)) throw new InvalidSubmissionIdError(value);
}
