/**
 * What is there and should not be, and what should be there and is not. Pure.
 *
 *   a marked process whose job is over, or has no record, or is at another attempt   → kill it
 *   a supervisor whose job is over, or has no record                                 → kill it
 *   a job that should have a supervisor and has none                                 → give it one
 *
 * A job's end takes a moment: its supervisor exits, the launcher sweeps. What is over for less than `graceMs`
 * is left to them.
 */
import { isTerminal } from '@heddle/api';
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
  toMark(attemptId: string): string;
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
  const byMark = new Map([...jobs.jobs].map((job) => [facts.toMark(job.attemptId), job]));
  const isLongOver = (job: JobSummary) => job.overSinceMs !== undefined && nowMs - job.overSinceMs >= graceMs;
  const supervised = new Set(facts.supervisors.map((supervisor) => supervisor.submissionId));
  return {
    leftovers: facts.processes.filter((process) => {
      const job = byMark.get(process.mark);
      return job !== undefined && isLongOver(job);
    }),
    unrecorded: facts.processes.filter((process) => !byMark.has(process.mark)),
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
