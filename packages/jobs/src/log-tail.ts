/**
 * Follows a job's log from an offset until the job is over.
 *
 * Promises: every byte from `offset` on, once, in order, as the WHATWG decoder reads it; within 100 ms of
 * its being written; resumable at any `nextOffset`; and the end only after the terminal status is visible.
 * The reader sets the pace: at most one block is held for a slow one.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import type { LogChunk } from '@heddle/api';
import type { Clock, Timer } from '@heddle/base';
import { Bell } from './bell.ts';
import { LOG_POLL_MS, type LogWatchKind, logWatchKindOf, watchLog } from './log-watch.ts';
import { completeLength, decodeUtf8 } from './utf8.ts';

/** What a tail needs to know of its job. */
export interface TailedJob {
  /** Whether the job's terminal status is visible, or the job is deleted: nothing more will be written. */
  isOver(): boolean;
  /** False while nothing can have been written. */
  mayHaveLog(): boolean;
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
/**
 * A short job is over before anybody need be told that its log grows: making and ending a notification costs more than
 * all else that a tail does. So a log is first looked at again after this time, and notifies from then on.
 */
const UNWATCHED_MS = 4;
/** What a running job has written since the last read may be read without leaving the loop. */
const RECENT_BYTES = 16 * 1024;

export async function* tailLog(
  file: string,
  job: TailedJob,
  clock: Clock,
  options: TailOptions = {},
): AsyncGenerator<LogChunk, void, void> {
  const bell = new Bell();
  using _changes = job.onChange(bell.ring);
  using log = new FollowedLog(file, options.offset ?? 0, options.watchKind);
  for (;;) {
    const over = job.isOver(); // Asked before reading: what was written before the end is then read.
    const isThere = (over || job.mayHaveLog()) && log.open();
    if (!over && isThere) log.watch(bell.ring, clock);
    else if (!over && job.mayHaveLog()) log.expect(bell.ring, clock);
    yield* log.readToEnd(over);
    if (over) return;
    await bell.wait(options.signal);
  }
}

const readLater = promisify(read);

/**
 * An open log and the place up to which it was read. It may not exist yet.
 *
 * On a local disk the file is opened and asked for its length at once, and the few bytes that a running job has
 * just written are read at once: they are in memory, and handing so little to another thread costs ten times more.
 * Whatever may have to come from the disk is read off the loop, and on a network mount everything is.
 */
class FollowedLog implements Disposable {
  readonly #file: string;
  readonly #kind: LogWatchKind;
  #offset: number;
  #fd: number | undefined;
  #watching: Disposable | undefined;
  #lookAgain: Timer | undefined;
  #expecting: Timer | undefined;
  #isDue = false;

  constructor(file: string, offset: number, kind: LogWatchKind | undefined) {
    this.#file = file;
    this.#kind = kind ?? logWatchKindOf(file);
    this.#offset = offset;
  }

  /** True if the log exists. */
  open(): boolean {
    if (this.#fd === undefined && existsSync(this.#file)) this.#fd = openToRead(this.#file);
    return this.#fd !== undefined;
  }

  /** Begins to notice growth, or to wait a moment for that; what grew before is for the read that follows. */
  watch(onGrowth: () => void, clock: Clock): void {
    this.#expecting?.cancel();
    this.#expecting = undefined;
    if (this.#isDue) this.#watching ??= watchLog(this.#file, onGrowth, clock, this.#kind);
    this.#lookAgain ??= clock.after(UNWATCHED_MS, () => {
      this.#isDue = true;
      onGrowth();
    });
  }

  /**
   * Looks now and then for a log that may be made at any moment: a set-up begins to write without a change of the record.
   * The directory cannot be watched for it, for it tells of every line of every other job.
   */
  expect(onLook: () => void, clock: Clock): void {
    this.#expecting ??= clock.every(LOG_POLL_MS / 2, onLook, { background: true });
  }

  /** All that is there now. An unfinished character at the end waits for its rest, unless there will be none. */
  async *readToEnd(isLast: boolean): AsyncGenerator<LogChunk, void, void> {
    if (this.#fd === undefined) return;
    for (;;) {
      const left = fstatSync(this.#fd).size - this.#offset; // Negative: the log was cut at its limit.
      if (left <= 0) return;
      const block = await this.#read(this.#fd, Math.min(left, BLOCK_BYTES), !isLast);
      const atEnd = left <= BLOCK_BYTES;
      const length = atEnd && isLast ? block.length : completeLength(block);
      if (length === 0) return;
      this.#offset += length;
      yield { text: decodeUtf8(block.subarray(0, length)), nextOffset: this.#offset };
      if (atEnd) return;
    }
  }

  [Symbol.dispose](): void {
    this.#lookAgain?.cancel();
    this.#expecting?.cancel();
    this.#watching?.[Symbol.dispose]();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  async #read(fd: number, length: number, isRecent: boolean): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const mayWait = !isRecent || length > RECENT_BYTES || this.#kind === 'polling';
    const got = mayWait
      ? (await readLater(fd, buffer, 0, length, this.#offset)).bytesRead
      : readSync(fd, buffer, 0, length, this.#offset);
    return buffer.subarray(0, got);
  }
}

/** Undefined if it was removed just now. */
function openToRead(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
