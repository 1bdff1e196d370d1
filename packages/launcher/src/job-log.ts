/**
 * A job's log, as far as the launcher touches it: it writes the header and hands the file over. After that only
 * the job's own processes write, each by appending.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { systemCodeOf } from './failure.ts';

export interface OpenLog {
  readonly fd: number;
  /** The log's length with the header: where the process's own bytes begin. */
  readonly startOffset: number;
}

/**
 * Opens the log for appending, and makes it if need be. The caller closes it.
 *
 * At once, and not in another thread: making a file takes as long as the spawn that follows, but several threads that
 * make files in one directory spend their time waiting for one another.
 */
export function openLog(path: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOCTTY;
  return openSync(path, flags, 0o600);
}

/**
 * Puts the header at the log's end. `opened`: it is open already, and is closed if this fails. A part of a header that
 * had room is taken back, for another try will write all of it.
 */
export function beginLog(path: string, header: string, opened?: number): OpenLog {
  const fd = opened ?? openLog(path);
  const bytes = Buffer.from(header);
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at);
    return { fd, startOffset: fstatSync(fd).size };
  } catch (error) {
    if (at > 0) takeBack(fd, at);
    closeSync(fd);
    throw error;
  }
}

function takeBack(fd: number, bytes: number): void {
  try {
    ftruncateSync(fd, fstatSync(fd).size - bytes);
  } catch {
    // The disk takes not even that: the log has a torn line more.
  }
}

const PASSING_CODES: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE'];

/** Whether it is the machine that could not write the log just now, so that another try may work, and not the path. */
export const isPassing = (error: unknown): boolean => PASSING_CODES.includes(systemCodeOf(error));

/** The log's length now; 0 when somebody has removed it. */
export function logLength(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
