/**
 * What keeps the records: the one interface that memory and SQLite implement, and `describeStorage` tests.
 *
 * A storage is synchronous and belongs to one `GcsServer`, which is the only writer; nothing else may write the same
 * file. Values are JSON texts here. Everything throws `StorageError` when the storage itself fails.
 */
import { RevisionCompactedError, RevisionConflictError } from './errors.ts';

export interface StoredEntry {
  readonly key: string;
  readonly revision: number;
  readonly text: string;
}

export interface StoredChange {
  readonly key: string;
  readonly revision: number;
  /** null: the record was deleted. */
  readonly text: string | null;
}

/** Changes of one table, oldest first, and the revision up to which they are complete. */
export interface ChangePage {
  readonly changes: StoredChange[];
  readonly revision: number;
}

export interface Storage extends Disposable {
  /** The revision of the latest change; 0 before the first. */
  readonly revision: number;
  get(table: string, key: string): StoredEntry | undefined;
  /** In order of creation. */
  list(table: string): StoredEntry[];
  /**
   * The changes of a table after a revision, at most a page of them. `RevisionCompactedError` if the log, which
   * keeps the newest `changeLogMax` changes of all tables and at most a quarter more, has dropped one of them.
   */
  changes(table: string, after: number): ChangePage;
  /** Only within `transaction`. Gives the change's revision, or `RevisionConflictError` with nothing changed. */
  put(table: string, key: string, text: string, expectedRevision: number | undefined): number;
  /** Only within `transaction`. False: there was no such record. */
  delete(table: string, key: string, expectedRevision: number | undefined): boolean;
  /**
   * Writes all there is, what is written meanwhile included, to a new file that `openGcs` can open. Until it settles,
   * the storage may be used only within `between`, which is called again and again. Durable when it resolves.
   * Rejects with `StorageError`, and leaves no file.
   */
  backup(file: string, between: () => void): Promise<void>;
  /** Runs `work` as one commit: durable when this returns, and as if it had never run when this throws. */
  transaction<T>(work: () => T): T;
}

/** A page ends with the change that reaches either: many, or big ones. */
export const PAGE_CHANGES_MAX = 1_000;
export const PAGE_LENGTH_MAX = 4 * 2 ** 20;

/** How long the log may grow before it is cut back to `changeLogMax`: cutting at each change would cost more. */
export const changeLogLimit = (changeLogMax: number): number => changeLogMax + Math.ceil(changeLogMax / 4);

/** The compare of compare-and-set. A record that is not there is at revision 0. */
export function checkRevision(table: string, key: string, expected: number | undefined, actual: number): void {
  if (expected !== undefined && expected !== actual) throw new RevisionConflictError(table, key, expected, actual);
}

/** `compacted` is the revision of the table's latest dropped change, if any was dropped. */
export function checkReach(table: string, after: number, compacted: number | undefined): void {
  if (compacted !== undefined && after < compacted) throw new RevisionCompactedError(table, after, compacted);
}

/** Takes changes off the front of `source` until a page is full. `upTo`: the revision `source` reaches if it ends. */
export function takePage(source: Iterable<StoredChange>, upTo: number): ChangePage {
  const changes: StoredChange[] = [];
  let length = 0;
  for (const change of source) {
    changes.push(change);
    length += change.text?.length ?? 0;
    if (changes.length >= PAGE_CHANGES_MAX || length >= PAGE_LENGTH_MAX) return { changes, revision: change.revision };
  }
  return { changes, revision: upTo };
}
