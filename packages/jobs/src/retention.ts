/**
 * Keeps the history of finished jobs within its limits. Looked after with the orphans, and at once when jobs end
 * faster than that: so the history never has many more jobs than it may.
 */
import type { Clock } from '@heddle/base';
import type { JobBoard } from './job-board.ts';
import { type FinishedJob, judgeRetention, type RetentionPolicy } from './retention-judge.ts';

export interface RetentionParts {
  readonly board: JobBoard;
  readonly policy: RetentionPolicy;
  readonly clock: Clock;
  /** How long the log of a job is whose end has not said so. */
  readonly logBytesOf: (submissionId: string) => Promise<number>;
  /** Forgets a job and its log. A job that is gone already is no failure. */
  readonly forget: (submissionId: string) => Promise<void>;
}

/** So many more than allowed may have gathered before they are dealt with out of turn. */
const SLACK = 1_000;
const AT_ONCE = 100;

export class Retention {
  readonly #parts: RetentionParts;
  #running: Promise<void> | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Whether it cannot wait. */
  get isDue(): boolean {
    const { board, policy } = this.#parts;
    return this.#running === undefined && board.finishedCount > policy.jobs + SLACK;
  }

  /** Who asks while one is under way gets that one. */
  run(): Promise<void> {
    this.#running ??= this.#forgetOldest().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #forgetOldest(): Promise<void> {
    const { policy, clock, forget } = this.#parts;
    const ids = judgeRetention(await this.#finished(), policy, clock.now());
    await inGroups(ids, forget);
  }

  async #finished(): Promise<FinishedJob[]> {
    const jobs = [...this.#parts.board.jobs].filter((job) => job.overSinceMs !== undefined);
    return inGroups(jobs, async ({ submissionId, endedAtMs, logBytes }) => ({
      submissionId,
      endedAtMs: endedAtMs ?? 0,
      logBytes: logBytes ?? (await this.#parts.logBytesOf(submissionId)),
    }));
  }
}

/** Some at once, so that they share their way to the disk and do not crowd it. */
async function inGroups<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  return results;
}
