/**
 * A lock between processes that is free at once when its holder dies, even by `kill -9`.
 *
 * Node has no `flock`, but SQLite locks its files with the kernel's record locks, and an open `BEGIN EXCLUSIVE` is
 * such a lock. The file stays empty.
 *
 * A record lock of a process is gone as soon as the process closes *any* descriptor of the file: nothing here opens
 * it but SQLite, which knows that. So the holder's name stands in a file beside it, and where the kernel tells who
 * holds a lock (`/proc/locks`) the kernel is asked.
 *
 * The holder removes the file before it lets go. Whoever had opened it just before then holds the lock of a file
 * that is no longer there, sees that and tries again.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isAlive } from './process-table.ts';

const SQLITE_BUSY = 5;
const TRIES = 100;

export interface LockHolder {
  readonly pid: number;
}

/** All that are held: a lock that its holder has lost sight of must not be let go by the garbage collector. */
const held = new Set<HeldLock>();

/** A lock that this process holds until it is disposed. */
export class HeldLock implements Disposable {
  readonly #file: string;
  #database: DatabaseSync | undefined;

  /** Takes the lock, or gives undefined when somebody has it, this very process included. */
  static take(file: string, holder: LockHolder): HeldLock | undefined {
    for (let tries = 0; tries < TRIES; tries++) {
      const database = lockDatabase(file);
      if (database === undefined) return undefined;
      if (isOpenHere(file)) return new HeldLock(file, database, holder);
      database.close();
    }
    throw new Error(`Cannot lock "${file}": it is removed again and again`);
  }

  private constructor(file: string, database: DatabaseSync, holder: LockHolder) {
    this.#file = file;
    this.#database = database;
    held.add(this);
    chmodSync(file, 0o600);
    writeFileSync(holderFile(file), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  }

  /** Removes the file and lets go. Twice is fine. */
  [Symbol.dispose](): void {
    if (this.#database === undefined) return;
    rmSync(holderFile(this.#file), { force: true });
    rmSync(this.#file, { force: true });
    this.#database.close();
    this.#database = undefined;
    held.delete(this);
  }
}

/** Who holds the lock of this file at present, as far as can be told. */
export function readLockHolder(file: string): number | undefined {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) return undefined;
  const told = holderByKernel(inode);
  return told === 'nobody' ? undefined : (told ?? holderByName(file));
}

function lockDatabase(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** Whether the file at this path is one that this process has open. Without `/proc` it is believed. */
function isOpenHere(file: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there === undefined) return false;
  let descriptors: string[];
  try {
    descriptors = readdirSync('/proc/self/fd');
  } catch {
    return true;
  }
  return descriptors.some((fd) => {
    const open = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
    return open?.ino === there.ino && open.dev === there.dev;
  });
}

/**
 * Lines are `1: POSIX ADVISORY WRITE <pid> <major>:<minor>:<inode> <from> <to>`; the device's numbers vary with the file
 * system.
 *
 * A name that was left behind is no holder: after a boot, or in another pid namespace, its pid is somebody else's. So the
 * name counts only where the kernel tells nothing at all: undefined.
 */
function holderByKernel(inode: number): number | 'nobody' | undefined {
  let locks: string;
  try {
    locks = readFileSync('/proc/locks', 'latin1');
  } catch {
    return undefined;
  }
  for (const line of locks.split('\n')) {
    const [, , , kind, pid, place = '', from] = line.split(/\s+/);
    const isOurs = kind === 'WRITE' && place.endsWith(`:${inode}`) && from === SQLITE_LOCK_OFFSET;
    if (isOurs && Number(pid) > 0) return Number(pid);
  }
  return 'nobody';
}

/** SQLite's PENDING_BYTE: where the locks of its files lie. */
const SQLITE_LOCK_OFFSET = String(0x40000000);

function holderByName(file: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(holderFile(file), 'utf8')) as LockHolder;
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

const holderFile = (file: string): string => `${file}.holder`;
