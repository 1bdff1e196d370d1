/**
 * What is there and should not be, and what should be there and is not. Pure.
 *
 *   a marked process whose job is over, or has no record, or is at a later attempt   → kill it
 *   a supervisor whose job is over, or has no record                                 → kill it
 *   a job that should have a supervisor and has none                                 → give it one
 *
 * What is known of a job may be a moment old: a process of an attempt that is not known yet is of the next one, and is
 * left alone. A job's end takes a moment: its supervisor exits, the launcher sweeps. What is over for less than `graceMs`
 * is left to them.
 */
import { isTerminal } from '@heddle/api';
import { firstAttemptId, isPastAttempt } from './attempt-id.ts';
import type { JobSummary } from './job-board.ts';

export interface OrphanFacts<
  Process extends { readonly mark: string },
  Supervisor extends { readonly submissionId: string },
> {
  readonly jobs: { get(submissionId: string): JobSummary | undefined; readonly jobs: Iterable<JobSummary> };
  /** Looked up before `jobs` was current: a process is never older than its record. */
  readonly processes: readonly Process[];
  readonly supervisors: readonly Supervisor[];
  /** Jobs that wait in the queue have no supervisor yet. */
  isWaiting(submissionId: string): boolean;
  /** Undefined for a mark of another directory. */
  toAttemptId(mark: string): string | undefined;
  readonly nowMs: number;
  readonly graceMs: number;
}

export interface Orphans<Process, Supervisor> {
  /** Their job is over. */
  readonly leftovers: readonly Process[];
  /** No record knows their mark. */
  readonly unrecorded: readonly Process[];
  readonly supervisors: readonly Supervisor[];
  readonly unsupervised: readonly string[];
}

export function judgeOrphans<
  Process extends { readonly mark: string },
  Supervisor extends { readonly submissionId: string },
>(facts: OrphanFacts<Process, Supervisor>): Orphans<Process, Supervisor> {
  const { jobs, nowMs, graceMs } = facts;
  const byFirst = new Map([...jobs.jobs].map((job) => [firstAttemptId(job.attemptId), job]));
  const jobOf = (process: Process): { job: JobSummary | undefined; isPast: boolean } => {
    const attemptId = facts.toAttemptId(process.mark);
    const job = attemptId === undefined ? undefined : byFirst.get(firstAttemptId(attemptId));
    return { job, isPast: job !== undefined && isPastAttempt(attemptId!, job.attemptId) };
  };
  const isLongOver = (job: JobSummary) => job.overSinceMs !== undefined && nowMs - job.overSinceMs >= graceMs;
  const supervised = new Set(facts.supervisors.map((supervisor) => supervisor.submissionId));
  return {
    leftovers: facts.processes.filter((process) => {
      const { job, isPast } = jobOf(process);
      return job !== undefined && (isLongOver(job) || (isPast && !isTerminal(job.status)));
    }),
    unrecorded: facts.processes.filter((process) => jobOf(process).job === undefined),
    supervisors: facts.supervisors.filter((supervisor) => {
      const job = jobs.get(supervisor.submissionId);
      return job === undefined || isLongOver(job);
    }),
    unsupervised: [...jobs.jobs]
      .filter(
        (job) => !isTerminal(job.status) && !facts.isWaiting(job.submissionId) && !supervised.has(job.submissionId),
      )
      .map((job) => job.submissionId),
  };
}
