/**
 * Follows a job's log from an offset until the job is over.
 *
 * Promises: every byte from `offset` on, once, in order, as the WHATWG decoder reads it; within 100 ms of
 * its being written; resumable at any `nextOffset`; and the end only after the terminal status is visible.
 * The reader sets the pace: at most one block is held for a slow one.
 */
import type { FileHandle } from 'node:fs/promises';
import type { LogChunk } from '@heddle/api';
import type { Clock } from '@heddle/base';
import { Bell } from './bell.ts';
import { openLog, readFully } from './log-reader.ts';
import { type LogWatchKind, watchLog } from './log-watch.ts';
import { completeLength, decodeUtf8 } from './utf8.ts';

/** What a tail needs to know of its job. */
export interface TailedJob {
  /** Whether the job's terminal status is visible, or the job is deleted: nothing more will be written. */
  isOver(): boolean;
  /** Calls `listener` after each change of the job's record. */
  onChange(listener: () => void): Disposable;
}

export interface TailOptions {
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How growth is noticed; default: as the file system allows. */
  readonly watchKind?: LogWatchKind | undefined;
}

const BLOCK_BYTES = 64 * 1024;

export async function* tailLog(
  file: string,
  job: TailedJob,
  clock: Clock,
  options: TailOptions = {},
): AsyncGenerator<LogChunk, void, void> {
  const bell = new Bell();
  using _changes = job.onChange(bell.ring);
  await using log = new FollowedLog(file, options.offset ?? 0);
  for (;;) {
    const over = job.isOver(); // Asked before reading: what was written before the end is then read.
    if (await log.open()) await log.watch(bell.ring, clock, options.watchKind);
    yield* log.readToEnd(over);
    if (over) return;
    await bell.wait(options.signal);
  }
}

/** An open log and the place up to which it was read. It may not exist yet. */
class FollowedLog implements AsyncDisposable {
  readonly #file: string;
  #offset: number;
  #handle: FileHandle | undefined;
  #watching: Disposable | undefined;

  constructor(file: string, offset: number) {
    this.#file = file;
    this.#offset = offset;
  }

  /** True if the log exists. */
  async open(): Promise<boolean> {
    this.#handle ??= await openLog(this.#file);
    return this.#handle !== undefined;
  }

  /** Begins to notice growth; what grew before is for the read that follows. */
  async watch(onGrowth: () => void, clock: Clock, kind: LogWatchKind | undefined): Promise<void> {
    this.#watching ??= await watchLog(this.#file, onGrowth, clock, kind);
  }

  /** All that is there now. An unfinished character at the end waits for its rest, unless there will be none. */
  async *readToEnd(isLast: boolean): AsyncGenerator<LogChunk, void, void> {
    while (this.#handle !== undefined) {
      const block = await readFully(this.#handle, this.#offset, BLOCK_BYTES);
      const atEnd = block.length < BLOCK_BYTES;
      const length = atEnd && isLast ? block.length : completeLength(block);
      if (length > 0) {
        this.#offset += length;
        yield { text: decodeUtf8(block.subarray(0, length)), nextOffset: this.#offset };
      }
      if (atEnd) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching?.[Symbol.dispose]();
    await this.#handle?.close();
  }
}
