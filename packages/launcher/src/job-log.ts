/**
 * A job's log, as far as the launcher touches it: it writes the header and hands the file over. After that only
 * the job's own processes write, each by appending.
 */
import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';

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

/** Puts the header at the log's end. `opened`: it is open already, and is closed if this fails. */
export function beginLog(path: string, header: string, opened?: number): OpenLog {
  const fd = opened ?? openLog(path);
  try {
    const bytes = Buffer.from(header);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    return { fd, startOffset: fstatSync(fd).size };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The log's length now; 0 when somebody has removed it. */
export function logLength(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
