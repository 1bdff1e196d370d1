/**
 * The logs of a manager's jobs, for whoever reads them: whole, in part, in pieces, or as they grow.
 *
 * It checks what is asked for and finds the file. How a file is read and followed: `log-reader.ts`, `log-tail.ts`.
 */
import { rm, stat } from 'node:fs/promises';
import type { LogChunk } from '@heddle/api';
import { type Clock, checkInteger, checkKnown } from '@heddle/base';
import type { JobBoard } from './job-board.ts';
import type { JobEntry } from './job-records.ts';
import { toLogFile } from './launch-request.ts';
import { readLastLines, readLog, streamLog } from './log-reader.ts';
import { type TailOptions, tailLog } from './log-tail.ts';

/** Which part of a log: a range of bytes, or the last `tail` lines. */
export interface JobLogOptions {
  /** The first byte; default 0. */
  readonly offset?: number | undefined;
  /** At most so many bytes. */
  readonly limit?: number | undefined;
  /** Only the last so many lines. */
  readonly tail?: number | undefined;
}

export interface JobLogsParts {
  readonly directory: string;
  readonly board: JobBoard;
  readonly clock: Clock;
  /** Ends every tail. */
  readonly closing: AbortSignal;
  /** The job's record. @throws JobNotFoundError, which says what could not be done. */
  readonly find: (action: string, submissionId: string) => Promise<JobEntry>;
}

export class JobLogs {
  readonly #parts: JobLogsParts;

  constructor(parts: JobLogsParts) {
    this.#parts = parts;
  }

  /** How long it is now; 0 if it is not there. */
  async sizeOf(submissionId: string): Promise<number> {
    return stat(this.#fileOf(submissionId)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async remove(submissionId: string): Promise<void> {
    await rm(this.#fileOf(submissionId), { force: true });
  }

  async read(submissionId: string, options: JobLogOptions): Promise<Uint8Array> {
    const file = await this.#toRead(submissionId, options);
    const { offset = 0, limit, tail } = options;
    if (tail !== undefined) return readLastLines(file, tail, offset);
    return readLog(file, limit === undefined ? { offset } : { offset, limit });
  }

  async stream(submissionId: string, options: JobLogOptions): Promise<AsyncIterable<Uint8Array>> {
    const file = await this.#toRead(submissionId, options);
    const { offset = 0, limit, tail } = options;
    return streamLog(file, { offset, ...(limit !== undefined && { limit }), ...(tail !== undefined && { tail }) });
  }

  async *tail(submissionId: string, options: TailOptions): AsyncGenerator<LogChunk, void, void> {
    checkLogOptions('tail a log', options, ['offset', 'signal', 'watchKind']);
    const { board, clock, closing, find } = this.#parts;
    board.put(await find('tail the log of job', submissionId));
    const job = {
      isOver: () => board.isOver(submissionId),
      mayHaveLog: () => board.mayHaveLog(submissionId),
      onChange: (listener: () => void) => board.listen(submissionId, listener),
    };
    const { offset = 0, signal, watchKind } = options;
    yield* tailLog(this.#fileOf(submissionId), job, clock, {
      offset,
      signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
      watchKind,
    });
  }

  async #toRead(submissionId: string, options: JobLogOptions): Promise<string> {
    checkLogOptions('read a log', options, ['offset', 'limit', 'tail']);
    await this.#parts.find('read the log of job', submissionId);
    return this.#fileOf(submissionId);
  }

  #fileOf(submissionId: string): string {
    return toLogFile(this.#parts.directory, submissionId);
  }
}

function checkLogOptions(action: string, options: object, known: readonly string[]): void {
  checkKnown(action, options, known);
  for (const [name, value] of Object.entries(options))
    if (['offset', 'limit', 'tail'].includes(name) && value !== undefined)
      checkInteger(action, name, value, { min: 0 });
  const { tail, limit } = options as JobLogOptions;
  if (tail !== undefined && limit !== undefined)
    throw new RangeError(`Cannot ${action} with both tail ${tail} and limit ${limit}: give one of them`);
}
