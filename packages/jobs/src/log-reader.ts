/**
 * Reads a job's log file: a range of bytes, a range as text, the last lines.
 *
 * The file is the job's own: nobody stands between the process and it, and a job that has not started has
 * none. So a missing file reads as an empty one. No read holds more than what it answers with.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { JobLogTooLargeError } from './errors.ts';
import { decodeUtf8 } from './utf8.ts';

/** Which part of a log. Offsets and limits count bytes of the file, from 0. */
export interface LogRange {
  /** The first byte; default 0. */
  readonly offset?: number;
  /** At most so many bytes; default: all there are. */
  readonly limit?: number;
}

/** A longer answer would not fit a string; a reader of more reads ranges. */
export const LOG_ANSWER_BYTES_MAX = 256 * 1024 * 1024;

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export async function openLog(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The bytes of a range, as far as they are written. Throws `JobLogTooLargeError` beyond `LOG_ANSWER_BYTES_MAX`. */
export async function readLog(file: string, range: LogRange = {}): Promise<Buffer> {
  await using handle = await openLog(file);
  if (handle === undefined) return Buffer.alloc(0);
  const { size } = await handle.stat();
  const from = Math.min(range.offset ?? 0, size);
  const length = Math.min(range.limit ?? size, size - from);
  if (length > LOG_ANSWER_BYTES_MAX) throw new JobLogTooLargeError(length, LOG_ANSWER_BYTES_MAX);
  return readFully(handle, from, length);
}

/** The last `lines` lines from `offset` on, an unfinished last one included. */
export async function readLastLines(file: string, lines: number, offset = 0): Promise<Buffer> {
  await using handle = await openLog(file);
  if (handle === undefined) return Buffer.alloc(0);
  const { size } = await handle.stat();
  const from = await startOfLastLines(handle, lines, Math.min(offset, size), size);
  if (size - from > LOG_ANSWER_BYTES_MAX) throw new JobLogTooLargeError(size - from, LOG_ANSWER_BYTES_MAX);
  return readFully(handle, from, size - from);
}

/** Which part of a log is streamed: a range, or the last lines of it. */
export interface LogPart extends LogRange {
  /** Only the last so many lines from `offset` on. */
  readonly tail?: number;
}

/** The same bytes in pieces, however many: as far as they are written when the first piece is asked for. */
export async function* streamLog(file: string, part: LogPart = {}): AsyncGenerator<Buffer, void, void> {
  await using handle = await openLog(file);
  if (handle === undefined) return;
  const { size } = await handle.stat();
  const first = Math.min(part.offset ?? 0, size);
  const from = part.tail === undefined ? first : await startOfLastLines(handle, part.tail, first, size);
  const end = part.tail === undefined ? Math.min(size, from + (part.limit ?? size)) : size;
  for (let at = from; at < end; ) {
    const block = await readFully(handle, at, Math.min(BLOCK_BYTES, end - at));
    if (block.length === 0) return; // It was cut meanwhile.
    at += block.length;
    yield block;
  }
}

/** The last lines as text, at most `charsMax` characters of them: what a message about a failure quotes. */
export async function quoteLastLines(file: string, lines: number, charsMax: number, offset = 0): Promise<string> {
  await using handle = await openLog(file);
  if (handle === undefined) return '';
  const { size } = await handle.stat();
  const bytesMax = charsMax * 4; // Every character has at most four bytes, so no more can be needed.
  const lowest = Math.min(size, Math.max(offset, size - bytesMax));
  const from = await startOfLastLines(handle, lines, lowest, size);
  return lastChars(decodeUtf8(await readFully(handle, from, size - from)), charsMax);
}

/** Cut from the front; half of a surrogate pair is not left standing. */
function lastChars(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const cut = text.slice(-charsMax);
  const first = cut.charCodeAt(0);
  return first >= 0xdc00 && first < 0xe000 ? cut.slice(1) : cut;
}

/** Reads backwards: the position after the newline before the last `lines` lines, never below `lowest`. */
async function startOfLastLines(handle: FileHandle, lines: number, lowest: number, size: number): Promise<number> {
  if (lines <= 0) return size;
  let wanted = lines;
  for (let end = size; end > lowest; ) {
    const start = Math.max(lowest, end - BLOCK_BYTES);
    const block = await readFully(handle, start, end - start);
    for (let at = block.length - 1; at >= 0; at--) {
      if (block[at] !== NEWLINE || start + at === size - 1) continue; // The newline at the very end ends the last line.
      wanted -= 1;
      if (wanted === 0) return start + at + 1;
    }
    end = start;
  }
  return lowest;
}

/** `length` bytes from `position`, or fewer where the file ends. */
export async function readFully(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
