/**
 * Which waiting jobs may start now. Pure.
 *
 * At most `maxRunningJobs` hold a place, the rest wait in the order of their submission. A job that is held
 * back by its start signal takes no place and holds nobody back.
 */
export interface WaitingJob {
  readonly submissionId: string;
  /** Held by the start signal of a test. */
  readonly held: boolean;
}

export function judgeQueue(waiting: Iterable<WaitingJob>, running: number, maxRunningJobs: number): string[] {
  const starting: string[] = [];
  let free = maxRunningJobs - running;
  for (const job of waiting) {
    if (free <= 0) break;
    if (job.held) continue;
    starting.push(job.submissionId);
    free -= 1;
  }
  return starting;
}
