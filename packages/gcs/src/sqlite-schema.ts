/**
 * The tables' file: its shape, its version, and how a connection to it is set up.
 *
 *   entries    the records; `created` is the revision that created one, so its order is the order of creation; `sum` is
 *              its checksum
 *   changes    the newest changes of all tables, for watchers; its last row holds the latest revision
 *   compacted  for each table the latest change that was dropped from `changes`
 *   versions   since when the file has had which version, for people
 *
 * Changing the shape needs a new version, and a step in `STEPS` from the one before. A file of an older version is
 * copied first (`state.db.v1` beside `state.db`), then all steps are one transaction: it has the old shape or the new
 * one, whenever the power fails, and the copy opens with the Heddle that wrote it.
 */
import { closeSync, fchmodSync, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SchemaTooNewError, StorageError } from './errors.ts';
import { toRowSum } from './row-sum.ts';

export const SCHEMA_VERSION = 3;
const PAGE_BYTES = 4096;

/** From each version to the next; from 0, an empty file, to the first. */
const STEPS: readonly string[] = [
  `
    CREATE TABLE entries (
      created INTEGER PRIMARY KEY, "table" TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX entries_by_key ON entries ("table", key);
    CREATE TABLE changes (revision INTEGER PRIMARY KEY, "table" TEXT NOT NULL, key TEXT NOT NULL, text TEXT) STRICT;
    CREATE TABLE compacted ("table" TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
    CREATE TABLE versions (version INTEGER PRIMARY KEY, since TEXT NOT NULL) STRICT;
  `,
  `
    ALTER TABLE entries ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    UPDATE entries SET sum = row_sum("table", key, revision, text);
  `,
];

/** Opens the file, which this connection then has to itself: a second opener, of any process, is refused. */
export function openDatabase(file: string, fileBytesMax: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makeFile(file);
    database = new DatabaseSync(file);
    upgrade(database, file);
    configure(database, fileBytesMax);
    checkIntegrity(database, file);
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    throw error instanceof SchemaTooNewError ? error : toStorageError(`open tables in "${file}"`, error, true);
  }
}

/** SQLite's own error in our terms. Its text names the fact ("database or disk is full"). */
export function toStorageError(action: string, error: unknown, isFinal: boolean): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError(`Cannot ${action}: ${(error as Error).message}`, { isFinal, cause: error });
}

/** True for a full disk or file: the transaction is undone, and the next may find room. After anything else nobody knows. */
export const isFull = (error: unknown): boolean => ((error as { errcode?: number }).errcode ?? 0) % 256 === 13;

/** SQLite would let the umask decide who may read it. The directory is synced so that the file's name is durable too. */
function makeFile(file: string): void {
  const fd = openSync(file, 'a', 0o600);
  try {
    if ((fstatSync(fd).mode & 0o077) !== 0) fchmodSync(fd, 0o600); // A backup, say, that was copied here.
  } finally {
    closeSync(fd);
  }
  syncFile(dirname(file));
}

/** Looks at the version before anything is written: a newer file stays as it is. */
function upgrade(database: DatabaseSync, file: string): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  const version = pragma(database, 'user_version');
  if (version > SCHEMA_VERSION) throw new SchemaTooNewError(file, version, SCHEMA_VERSION);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  if (version === SCHEMA_VERSION) return;
  if (version > 0) keepCopy(database, `${file}.v${version}`);
  database.function('row_sum', { deterministic: true }, toRowSum as (...args: unknown[]) => number);
  const steps = STEPS.slice(version).join('');
  const note = `INSERT INTO versions VALUES (${SCHEMA_VERSION}, datetime('now'));`;
  database.exec(`BEGIN IMMEDIATE; ${steps} ${note} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

/** The file as it is, whole or not at all; one that an upgrade which failed has left is replaced. */
function keepCopy(database: DatabaseSync, copy: string): void {
  const passing = `${copy}.tmp`;
  rmSync(passing, { force: true });
  try {
    makeFile(passing);
    database.prepare('VACUUM INTO ?').run(passing);
    syncFile(passing);
    renameSync(passing, copy);
  } catch (error) {
    rmSync(passing, { force: true });
    throw error;
  }
  syncFile(dirname(copy));
}

/** Makes a file's bytes durable, or a directory's names. */
export function syncFile(file: string): void {
  const fd = openSync(file, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function configure(database: DatabaseSync, fileBytesMax: number): void {
  database.exec(`PRAGMA max_page_count = ${Math.floor(fileBytesMax / PAGE_BYTES)}`);
  database.exec('PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 67108864');
}

function checkIntegrity(database: DatabaseSync, file: string): void {
  const [structure] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
  const fault = structure === 'ok' ? findDamagedRow(database) : String(structure).replaceAll(/\s+/g, ' ');
  if (fault === undefined) return;
  const fact = `it is damaged (${fault}); put a backup in its place`;
  throw new StorageError(`Cannot open tables in "${file}": ${fact}`, { isFinal: true });
}

function findDamagedRow(database: DatabaseSync): string | undefined {
  const rows = database.prepare('SELECT "table", key, revision, text, sum FROM entries');
  rows.setReturnArrays(true);
  for (const row of rows.iterate() as unknown as Iterable<readonly [string, string, number, string, number]>) {
    const [table, key, revision, text, sum] = row;
    if (toRowSum(table, key, revision, text) !== sum)
      return `the row of ${JSON.stringify(key)} in ${JSON.stringify(table)} does not have its checksum`;
  }
  return undefined;
}

function pragma(database: DatabaseSync, name: string): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}
