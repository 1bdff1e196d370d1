/**
 * Tables in one SQLite file: WAL with `synchronous = FULL`, so that a commit that returned survives SIGKILL and a
 * power cut. Every commit waits for the disk; it is for the caller to put many writes into one.
 *
 * A full disk or file undoes the transaction and nothing more. After any other failure of a write the connection is
 * not trusted: what the disk holds is known only by opening it again (a failed fsync may have lost pages silently).
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite';
import { toRowSum } from './row-sum.ts';
import { isFull, openDatabase, syncFile, toStorageError } from './sqlite-schema.ts';
import {
  type ChangePage,
  changeLogLimit,
  checkReach,
  checkRevision,
  type Storage,
  type StoredChange,
  type StoredEntry,
  takePage,
} from './storage.ts';

export interface SqliteStorageOptions {
  readonly file: string;
  readonly changeLogMax: number;
  readonly fileBytesMax: number;
}

/** About a third of what makes SQLite itself move the log's pages, in the midst of a commit, which takes 5 to 30 ms. */
const LONG_LOG_WRITES = 100;

/** Pages copied at a time: 1 MiB, which takes about a millisecond. */
const BACKUP_PAGES = 256;

export class SqliteStorage implements Storage {
  readonly #file: string;
  readonly #changeLogMax: number;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  #revision: number;
  #loggedSince: number;
  #shortAtRevision: number;
  #isBackingUp = false;

  constructor(options: SqliteStorageOptions) {
    this.#file = options.file;
    this.#changeLogMax = options.changeLogMax;
    this.#database = openDatabase(options.file, options.fileBytesMax);
    this.#statements = prepare(this.#database);
    [this.#revision, this.#loggedSince] = this.#readReach();
    this.#shortAtRevision = this.#revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get(table: string, key: string): StoredEntry | undefined {
    return this.#read(() => toEntry(this.#statements.get.get(table, key)));
  }

  list(table: string): StoredEntry[] {
    return this.#read(() => this.#statements.list.all(table).map((row) => toEntry(row)!));
  }

  changes(table: string, after: number): ChangePage {
    const compacted = this.#read(() => this.#compactedOf(table));
    checkReach(table, after, compacted);
    const upTo = Math.max(after, this.#revision);
    return this.#read(() => {
      const rows = this.#statements.changes.iterate(after, table) as unknown as Iterable<Row>;
      return takePage(toChanges(rows), upTo);
    });
  }

  put(table: string, key: string, text: string, expectedRevision: number | undefined): number {
    const found = this.#find(table, key);
    checkRevision(table, key, expectedRevision, found?.revision ?? 0);
    const revision = this.#append(table, key, text);
    const sum = toRowSum(table, key, revision, text);
    if (found === undefined) this.#statements.insert.run(revision, table, key, revision, text, sum);
    else this.#statements.update.run(revision, text, sum, found.created);
    return revision;
  }

  delete(table: string, key: string, expectedRevision: number | undefined): boolean {
    const found = this.#find(table, key);
    if (found === undefined) return false;
    checkRevision(table, key, expectedRevision, found.revision);
    this.#append(table, key, null);
    this.#statements.delete.run(found.created);
    return true;
  }

  /**
   * SQLite's online backup: some pages at a time, off this thread, on this very connection, which therefore rests
   * while pages are copied: two threads on one connection read each other's results.
   */
  async backup(file: string, between: () => void): Promise<void> {
    try {
      closeSync(openSync(file, 'wx', 0o600));
    } catch (error) {
      throw toStorageError(`back up to "${file}"`, error, false);
    }
    this.#isBackingUp = true;
    try {
      await backup(this.#database, file, { rate: BACKUP_PAGES, progress: between });
      syncFile(file);
    } catch (error) {
      rmSync(file, { force: true });
      throw toStorageError(`back up to "${file}"`, error, false);
    } finally {
      this.#isBackingUp = false;
    }
  }

  /** A commit may soon have to wait until the write-ahead log is moved into the file. */
  get hasLongLog(): boolean {
    return this.#revision - this.#shortAtRevision >= LONG_LOG_WRITES && !this.#isBackingUp;
  }

  /** Does it now. What is in the log is durable as it is: if this fails, a later commit finds out and says so. */
  shortenLog(): void {
    if (!this.#database.isOpen || this.#isBackingUp) return;
    this.#shortAtRevision = this.#revision;
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The disk is full, or worse.
    }
  }

  transaction<T>(work: () => T): T {
    const revision = this.#revision;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#compactIfLong();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#revision = revision;
      throw this.#undone(error);
    }
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #find(table: string, key: string): { created: number; revision: number } | undefined {
    const row = this.#statements.find.get(table, key) as unknown as readonly [number, number] | undefined;
    return row && { created: row[0], revision: row[1] };
  }

  #compactedOf(table: string): number | undefined {
    const row = this.#statements.compactedOf.get(table) as { revision: number } | undefined;
    return row?.revision;
  }

  #append(table: string, key: string, text: string | null): number {
    this.#statements.log.run(++this.#revision, table, key, text);
    return this.#revision;
  }

  #compactIfLong(): void {
    if (this.#revision - this.#loggedSince < changeLogLimit(this.#changeLogMax)) return;
    const upTo = this.#revision - this.#changeLogMax;
    this.#statements.noteCompacted.run(upTo);
    this.#statements.dropLogged.run(upTo);
    this.#loggedSince = upTo;
  }

  /** The latest revision, and the latest one that is no longer in the log. */
  #readReach(): [number, number] {
    const { oldest, latest } = this.#statements.reach.get() as { oldest: number | null; latest: number | null };
    return [latest ?? 0, (oldest ?? 1) - 1];
  }

  #undone(error: unknown): unknown {
    try {
      // Some failures end the transaction by themselves.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      [this.#revision, this.#loggedSince] = this.#readReach();
    } catch (rollbackError) {
      return toStorageError(`undo a write to "${this.#file}"`, rollbackError, true);
    }
    return toStorageError(`write to "${this.#file}"`, error, !isFull(error));
  }

  #read<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw toStorageError(`read "${this.#file}"`, error, false);
    }
  }
}

type Statements = ReturnType<typeof prepare>;

/** A `StoredChange` in the order of its columns. */
type Row = readonly [string, number, string | null];

function toEntry(given: unknown): StoredEntry | undefined {
  const row = given as readonly [string, number, string] | undefined;
  return row && { key: row[0], revision: row[1], text: row[2] };
}

function* toChanges(rows: Iterable<Row>): Generator<StoredChange, void, void> {
  for (const [key, revision, text] of rows) yield { key, revision, text };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  /** As arrays: what an object of SQLite's takes lies where only a full collection finds it, and the thread's heap grows. */
  const rows = (text: string): StatementSync => {
    const statement = sql(text);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    get: rows('SELECT key, revision, text FROM entries WHERE "table" = ? AND key = ?'),
    list: rows('SELECT key, revision, text FROM entries WHERE "table" = ? ORDER BY created'),
    find: rows('SELECT created, revision FROM entries WHERE "table" = ? AND key = ?'),
    insert: sql('INSERT INTO entries (created, "table", key, revision, text, sum) VALUES (?, ?, ?, ?, ?, ?)'),
    update: sql('UPDATE entries SET revision = ?, text = ?, sum = ? WHERE created = ?'),
    delete: sql('DELETE FROM entries WHERE created = ?'),
    log: sql('INSERT INTO changes (revision, "table", key, text) VALUES (?, ?, ?, ?)'),
    changes: rows('SELECT key, revision, text FROM changes WHERE revision > ? AND "table" = ? ORDER BY revision'),
    reach: sql('SELECT (SELECT min(revision) FROM changes) AS oldest, (SELECT max(revision) FROM changes) AS latest'),
    compactedOf: sql('SELECT revision FROM compacted WHERE "table" = ?'),
    noteCompacted: sql(
      'INSERT INTO compacted ("table", revision) SELECT "table", max(revision) FROM changes WHERE revision <= ? GROUP BY "table" ' +
        'ON CONFLICT ("table") DO UPDATE SET revision = excluded.revision',
    ),
    dropLogged: sql('DELETE FROM changes WHERE revision <= ?'),
  };
}
