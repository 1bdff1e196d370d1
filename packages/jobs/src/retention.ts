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
  /** Forgets a job and its log. A job that is gone already is no failure. */
  readonly forget: (submissionId: string) => Promise<void>;
}

/** So many more than allowed may have gathered before they are dealt with out of turn. */
const SLACK = 1_000;
/** Deletions that share their way to the disk. */
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
    const { board, policy, clock, forget } = this.#parts;
    const ids = judgeRetention(finishedOf(board), policy, clock.now());
    for (let at = 0; at < ids.length; at += AT_ONCE) await Promise.all(ids.slice(at, at + AT_ONCE).map(forget));
  }
}

function* finishedOf(board: JobBoard): Generator<FinishedJob> {
  for (const { submissionId, endedAtMs, logBytes, overSinceMs } of board.jobs)
    if (overSinceMs !== undefined) yield { submissionId, endedAtMs: endedAtMs ?? 0, logBytes };
}
