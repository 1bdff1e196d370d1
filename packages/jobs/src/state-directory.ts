/**
 * The state directory: what is in it, who may use it, and whose it is.
 *
 *   daemon.lock   held by the one daemon that works here
 *   identity      this directory's random identity, the first half of every mark; written once
 *   state.db      the tables (with -wal beside it); `state.db.vN` is a copy from before an upgrade
 *   *.tmp         passing files: a backup on its way to its reader
 *   logs/         one file for each job: `<submission id>.log`
 *   launcher/     the launcher's own: socket, journal, lock
 *
 * Directories are 0700 and files 0600; a directory of another user is refused, and so is one in use.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { IdSource } from '@heddle/base';
import { FileLock, LockedError } from '@heddle/launcher';
import { DirectoryInUseError, StateDirectoryError } from './errors.ts';

export interface StatePaths {
  readonly directory: string;
  readonly database: string;
  readonly logs: string;
  readonly launcher: string;
}

export const statePathsOf = (directory: string): StatePaths => ({
  directory,
  database: join(directory, 'state.db'),
  logs: join(directory, 'logs'),
  launcher: join(directory, 'launcher'),
});

export const NOT_IN_PLACE =
  'it was removed or replaced while this daemon works in it, so nothing that is written now would last; put it back, or start the daemon anew';

/** An open state directory. Whoever opened it holds its lock until it is disposed. */
export class StateDirectory implements Disposable {
  readonly paths: StatePaths;
  readonly identity: string;
  readonly #lock: FileLock;
  /** The file that the tables are in. */
  readonly #tables: number;

  private constructor(paths: StatePaths, identity: string, lock: FileLock) {
    this.paths = paths;
    this.identity = identity;
    this.#lock = lock;
    this.#tables = statSync(paths.database).ino;
  }

  /** @throws DirectoryInUseError, naming the daemon that uses it; StateDirectoryError when it cannot be used. */
  static open(directory: string, ids: IdSource): StateDirectory {
    const paths = statePathsOf(resolve(directory));
    makePrivate(paths.directory);
    const lock = acquire(paths.directory);
    try {
      makePrivate(paths.logs);
      makePrivate(paths.launcher);
      makePrivateFile(paths.database);
      removePassing(paths.directory);
      return new StateDirectory(paths, readOrMakeIdentity(paths.directory, ids), lock);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error instanceof StateDirectoryError ? error : unusable(paths.directory, error);
    }
  }

  /**
   * False when the tables were removed or replaced while they are open: writing to them works on, into a file that
   * nobody will find again.
   */
  isInPlace(): boolean {
    return statSync(this.paths.database, { throwIfNoEntry: false })?.ino === this.#tables;
  }

  /** The name of a file that is there for a moment only. What a crash leaves of them is removed by the next `open`. */
  passingFile(name: string): string {
    return join(this.paths.directory, `${name}.tmp`);
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

function makePrivate(directory: string): void {
  try {
    makeDirectory(directory);
    const { uid, mode } = statSync(directory);
    if (process.getuid !== undefined && uid !== process.getuid())
      throw new StateDirectoryError(directory, `it belongs to the user with uid ${uid}`);
    if ((mode & 0o077) !== 0) chmodSync(directory, 0o700);
  } catch (error) {
    throw error instanceof StateDirectoryError ? error : unusable(directory, error);
  }
}

/** With those above it. Node's own `recursive` never ends where a directory that is there takes no other, as in `/proc`. */
function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (!isDirectory(directory)) throw error; // Else another daemon was quicker.
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** SQLite gives the files beside the database the mode of the database, and an empty file is a new database. */
function makePrivateFile(file: string): void {
  if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600, flag: 'a' });
}

function removePassing(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.endsWith('.tmp')) rmSync(join(directory, name), { force: true, recursive: true });
}

function acquire(directory: string): FileLock {
  try {
    return FileLock.acquire(join(directory, 'daemon.lock'), { pid: process.pid });
  } catch (error) {
    if (error instanceof LockedError) throw new DirectoryInUseError(directory, error.holderPid, { cause: error });
    throw unusable(directory, error);
  }
}

const IDENTITY = /^[A-Za-z0-9_-]{8,64}$/;

/** Written aside and renamed: it is there whole or not at all. */
function readOrMakeIdentity(directory: string, ids: IdSource): string {
  const file = join(directory, 'identity');
  if (!existsSync(file)) {
    const passing = `${file}.tmp`;
    rmSync(passing, { force: true });
    writeFileSync(passing, `${ids.next('mark')}\n`, { mode: 0o600, flush: true });
    renameSync(passing, file);
  }
  const identity = readFileSync(file, 'utf8').trim();
  if (!IDENTITY.test(identity)) throw new StateDirectoryError(directory, 'its file "identity" is damaged');
  return identity;
}

const unusable = (directory: string, cause: unknown): StateDirectoryError =>
  new StateDirectoryError(directory, cause instanceof Error ? cause.message : String(cause), { cause });
