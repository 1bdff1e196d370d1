/**
 * The ids of a job's attempts. The first is drawn by lot; the others say in it which they are:
 *
 *   attempt_x, attempt_x.2, attempt_x.3, …    and attempt_x.setup, which goes before all of them
 *
 * So two supervisors that both see to the next attempt mean the same one, of which the launcher starts one; and
 * whoever meets a mark can tell an attempt that is past from one that he has not heard of yet.
 */

/** What the ids of all attempts at one job have in common. */
export const firstAttemptId = (attemptId: string): string => attemptId.split('.', 1)[0]!;

/** Counts from 1. */
export const attemptNumber = (attemptId: string): number => Number(attemptId.split('.')[1] ?? 1);

export function toAttemptId(attemptId: string, number: number): string {
  const first = firstAttemptId(attemptId);
  return number === 1 ? first : `${first}.${number}`;
}

/** The set-up of a job, as the launcher knows it. It is never a past attempt: it is over with its job. */
export const toSetUpId = (attemptId: string): string => `${firstAttemptId(attemptId)}.setup`;

export const isSameJob = (attemptId: string, other: string): boolean =>
  firstAttemptId(attemptId) === firstAttemptId(other);

/** Of two attempts at one job, whether the first came before the second. */
export const isPastAttempt = (attemptId: string, present: string): boolean =>
  isSameJob(attemptId, present) && attemptNumber(attemptId) < attemptNumber(present);
