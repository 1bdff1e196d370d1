/**
 * Which waiting jobs may start now. Pure.
 *
 * The line is in order: higher priority first, and within one priority the order of submission. A job starts
 * when a place is free (`maxRunningJobs`) and what it asks for is. Then:
 *
 *   - Of two jobs that ask for the same, the one behind never starts before the one in front.
 *   - A job that fits may pass one in front that does not, so that processors are not idle beside a waiting job.
 *     But at most `PASSES_MAX` times may what a job lacks be given to jobs behind it; from then on what is free is
 *     kept for it, and no stream of small jobs starves a large one.
 *   - A job that asks for more than the daemon has takes nothing, and holds nobody back.
 *   - So does a job that is held by the start signal of a test.
 */
import { type Amounts, lackingOf, subtract } from './amounts.ts';

/** How many later jobs may take what an earlier one lacks, before it is kept for that one. */
export const PASSES_MAX = 16;

export interface WaitingJob {
  readonly submissionId: string;
  readonly demand: Amounts;
  /** Of its demand: the same for all jobs that ask for the same. */
  readonly shape: string;
  /** How many later jobs have taken what it lacked. */
  readonly passes: number;
  /** Held by the start signal of a test. */
  readonly held: boolean;
}

export interface QueueVerdict {
  /** In the order in which they start. */
  readonly starting: readonly string[];
  /** For each job that one of these has passed: by how many. */
  readonly passed: ReadonlyMap<string, number>;
}

/** A job of this shape waits for resources, and so do all behind it. */
interface Blocked {
  readonly submissionId: string;
  readonly lacking: readonly string[];
}

/**
 * `places` is how many more may run; `free` what is not in use of `total`. `shapes` is how many there are in the line:
 * when each of them waits for something, the rest of a long line need not be looked at.
 */
export function judgeQueue(
  line: Iterable<WaitingJob>,
  places: number,
  total: Amounts,
  free: Amounts,
  shapes = Number.POSITIVE_INFINITY,
): QueueVerdict {
  const starting: string[] = [];
  const passed = new Map<string, number>();
  const blocked = new Map<string, Blocked>();
  const unsatisfiable = new Set<string>();
  let left = free;
  for (const job of line) {
    if (starting.length >= places || blocked.size + unsatisfiable.size >= shapes) break;
    if (job.held || blocked.has(job.shape) || unsatisfiable.has(job.shape)) continue;
    if (lackingOf(job.demand, total).length > 0) {
      unsatisfiable.add(job.shape);
      continue;
    }
    const lacking = lackingOf(job.demand, left);
    if (lacking.length === 0) {
      starting.push(job.submissionId);
      left = subtract(left, job.demand);
      for (const other of blocked.values())
        if (takesFrom(job, other)) passed.set(other.submissionId, (passed.get(other.submissionId) ?? 0) + 1);
    } else {
      blocked.set(job.shape, { submissionId: job.submissionId, lacking });
      if (job.passes >= PASSES_MAX) left = subtract(left, job.demand); // Kept for it.
    }
  }
  return { starting, passed };
}

const takesFrom = (job: WaitingJob, blocked: Blocked): boolean =>
  blocked.lacking.some((name) => (job.demand[name] ?? 0) > 0);
