/**
 * Sees to it that every unfinished job has a supervisor. One that dies for good is replaced, and one that does so again
 * and again more and more slowly.
 */
import { isTerminal } from '@heddle/api';
import { type Clock, delay, type Logger } from '@heddle/base';
import type { JobBoard } from './job-board.ts';
import type { JobQueue } from './job-queue.ts';
import type { JobRecords } from './job-records.ts';
import type { Supervisors } from './supervisors.ts';

export interface ReplacementsParts {
  readonly records: JobRecords;
  readonly board: JobBoard;
  readonly queue: JobQueue;
  readonly supervisors: Pick<Supervisors, 'start' | 'adopt'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the manager is disposed. */
  readonly closing: AbortSignal;
}

const REPLACE_MS = 100;
const REPLACE_MAX_MS = 30_000;

export class Replacements {
  readonly #parts: ReplacementsParts;
  /** How often each unfinished job has lost a supervisor. */
  readonly #times = new Map<string, number>();
  #made = 0;

  constructor(parts: ReplacementsParts) {
    this.#parts = parts;
  }

  /** How many supervisors had died for good and were replaced. */
  get made(): number {
    return this.#made;
  }

  /** A supervisor has died for good; its job, unless it is over, gets another. */
  async replace(submissionId: string, cause: unknown): Promise<void> {
    const { board, clock, logger, closing } = this.#parts;
    const times = this.#times.get(submissionId) ?? 0;
    this.#times.set(submissionId, times + 1);
    try {
      if (times > 0) await delay(clock, Math.min(REPLACE_MS * 2 ** times, REPLACE_MAX_MS), closing);
      await this.supervise(submissionId, cause);
    } catch (error) {
      if (!closing.aborted) logger.error({ jobId: submissionId, err: error }, 'cannot replace a supervisor');
    }
    if (board.isOver(submissionId)) this.forget(submissionId);
  }

  /** Gives an unfinished job a supervisor: the living one by name, or a new one. */
  async supervise(submissionId: string, cause?: unknown): Promise<void> {
    const { records, queue, supervisors, logger, closing } = this.#parts;
    const entry = await records.get(submissionId);
    if (entry === undefined || isTerminal(entry.value.status)) return;
    if (closing.aborted || queue.has(submissionId)) return;
    if (await supervisors.adopt(submissionId)) return;
    this.#made += 1;
    logger.warn({ jobId: submissionId, err: cause }, 'job supervisor is gone, a new one takes over');
    supervisors.start(entry.value);
  }

  /** The job is over. */
  forget(submissionId: string): void {
    this.#times.delete(submissionId);
  }
}
