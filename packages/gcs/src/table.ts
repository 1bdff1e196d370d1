/**
 * The shared tables as their users see them: records with revisions, changed by compare-and-set, and watched.
 *
 * Every change of any table gets the next revision of one global counter, so one number says "how far have I seen".
 * A promise of a change resolves when the change is durable. What one `Gcs` object is asked is done in the order of
 * asking: a `get` after a `put` that is not yet awaited sees it.
 *
 * Values are JSON values, copied when they are handed over. A field whose value is undefined is left out, as JSON
 * does; anything else that JSON cannot carry is a `TypeError`.
 *
 * Ray's counterpart is the GCS table storage (Redis or memory) with its pubsub, which has neither revisions nor
 * compare-and-set.
 */
import type { MessagePort } from 'node:worker_threads';

/** A record as it stands. `revision` is that of its latest change. */
export interface Entry<T> {
  readonly key: string;
  readonly revision: number;
  readonly value: T;
}

/** One change of one record. `revision` is the change's own. */
export type Change<T> =
  | {
      readonly type: 'put';
      readonly table: string;
      readonly key: string;
      readonly revision: number;
      readonly value: T;
    }
  | { readonly type: 'delete'; readonly table: string; readonly key: string; readonly revision: number };

/** All records of a table at one moment. Watching from `revision` misses nothing and repeats nothing. */
export interface Snapshot<T> {
  readonly revision: number;
  /** In order of creation. */
  readonly entries: Entry<T>[];
}

export interface WriteOptions {
  /** The change happens only if the record's revision is this one; 0: only if there is no such record. */
  readonly expectedRevision?: number;
}

export interface WatchOptions {
  /** Begin with the first change after this revision. Without it: with the first change after this call. */
  readonly fromRevision?: number;
  /** Ends the watch, quietly. */
  readonly signal?: AbortSignal;
}

/**
 * One table. Costs nothing to make, so nobody owns one. Any call fails with `StorageError` when the storage fails or
 * its thread dies, with `GcsClosedError` after the end, and with `GcsOverloadedError` when too many calls wait.
 */
export interface Table<T> {
  readonly name: string;
  /** The record under this key, or undefined. */
  get(key: string): Promise<Entry<T> | undefined>;
  /** All records, in order of creation; a record that was deleted and put again was created again. */
  list(): Promise<Entry<T>[]>;
  /**
   * All records with the revision at which they were read: the start for a watch. `keep` is shown each record once, in
   * order, and says whether the snapshot is to hold it: so a long table need not be in memory whole.
   */
  snapshot(keep?: (entry: Entry<T>) => boolean): Promise<Snapshot<T>>;
  /**
   * Puts the record in the place of whatever is there, durably. With `expectedRevision` it fails with
   * `RevisionConflictError`, and changes nothing, if the record is at another revision.
   */
  put(key: string, value: T, options?: WriteOptions): Promise<Entry<T>>;
  /** Removes the record, durably. False: it was not there, whatever revision was expected. Conflicts as `put` does. */
  delete(key: string, options?: WriteOptions): Promise<boolean>;
  /**
   * Every change after a revision, in order, each once, then live, by notification.
   *
   * It begins at this call, not at the first `next`, so a `list` asked for afterwards misses nothing. A watcher holds
   * a place in the change log, which is bounded: one that begins too far back, or falls too far behind, fails with
   * `RevisionCompactedError` and takes a new `snapshot`. It ends with its signal, with `return` (a `break`), or with
   * the `Gcs` object it came from. While it waits it keeps its thread alive where a storage thread serves it.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<Change<T>>;
}

/** Counts since the storage was opened, and what is held now. */
export interface GcsStats {
  /** The latest revision of any table. */
  readonly revision: number;
  /** Changes that became durable. */
  readonly writes: number;
  /** Transactions that held them: less than `writes` where writes that waited shared one. */
  readonly commits: number;
  readonly connections: number;
  /** Watches that wait for a change. */
  readonly watches: number;
}

/**
 * The way to the tables, from one thread.
 *
 * Disposing waits for the changes already asked for, ends the watches of this object, and then, for the object that
 * `openGcs` gave, closes the storage and with it everybody else's connection.
 */
export interface Gcs extends AsyncDisposable {
  table<T>(name: string): Table<T>;
  /** A port for one other thread: transfer it there and hand it to `connectGcs`. The receiver owns it. */
  connect(): MessagePort;
  stats(): Promise<GcsStats>;
  /**
   * Writes all tables, as of some moment before this resolves, to a new file, which `openGcs` opens; reading and writing
   * goes on meanwhile. Durable when it resolves. Fails with `StorageError` if there is such a file, if it cannot be
   * written, or if the tables are in memory; then it leaves no file.
   */
  backup(file: string): Promise<void>;
  /** Resolves when this object can no longer be used: with the failure, or with undefined after an orderly end. */
  readonly closed: Promise<Error | undefined>;
}
