/** Keeps the board in step with the jobs table: reads all of it once, and then every change. */
import { isTerminal } from '@heddle/api';
import type { Logger } from '@heddle/base';
import type { JobBoard } from './job-board.ts';
import type { JobRecord } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';

export interface BoardWatchParts {
  readonly records: JobRecords;
  readonly board: JobBoard;
  readonly logger: Logger;
  /** Ends the watching. */
  readonly closing: AbortSignal;
}

export class BoardWatch {
  readonly #parts: BoardWatchParts;
  #isLoaded = false;

  constructor(parts: BoardWatchParts) {
    this.#parts = parts;
  }

  /** The board has what the tables said at the start: what comes from there on is news. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Gives what is not over now; what changes from there on reaches the board by itself. */
  async start(): Promise<readonly JobEntry[]> {
    const { records, board } = this.#parts;
    const present = new Set<string>();
    const { revision, entries } = await records.snapshot((entry) => {
      present.add(entry.key);
      board.put(entry);
      return !isTerminal(entry.value.status);
    });
    board.retain(present, revision);
    this.#isLoaded = true;
    void this.#follow(revision);
    return entries;
  }

  async #follow(fromRevision: number): Promise<void> {
    const { records, board, logger, closing } = this.#parts;
    try {
      for await (const change of records.watch(fromRevision, closing)) {
        board.apply(change);
        if (change.type === 'put') this.#alarmOfSurvivors(change.value);
      }
    } catch (error) {
      if (closing.aborted) return;
      logger.warn({ err: error }, 'the watch of the jobs table was lost, reading all again');
      await this.start().catch((again) => {
        if (!closing.aborted) logger.error({ err: again }, 'cannot read the jobs table');
      });
    }
  }

  /** A stop that could not end everything is no end of the matter. */
  #alarmOfSurvivors({ submissionId, stopReport }: JobRecord): void {
    const survivors = stopReport?.survivors ?? [];
    if (survivors.length > 0)
      this.#parts.logger.error({ jobId: submissionId, survivors }, 'processes of a stopped job would not die');
  }
}
