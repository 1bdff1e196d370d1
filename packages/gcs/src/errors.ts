import { HeddleError, registerErrorClass } from '@heddle/base';

/** The record is not at the revision that was expected; nothing was changed. Read it again and decide anew. */
export class RevisionConflictError extends HeddleError {
  override readonly name = 'RevisionConflictError';
  override readonly code = 'REVISION_CONFLICT';
  override readonly details: {
    readonly table: string;
    readonly key: string;
    readonly expectedRevision: number;
    /** 0: there is no such record. */
    readonly actualRevision: number;
  };

  constructor(table: string, key: string, expectedRevision: number, actualRevision: number) {
    super(
      `Cannot change record ${JSON.stringify(key)} of table "${table}" at revision ${expectedRevision}: ` +
        (actualRevision === 0 ? 'there is no such record' : `it is at revision ${actualRevision}`),
    );
    this.details = { table, key, expectedRevision, actualRevision };
  }
}

/** The change log no longer reaches back to where a watch wants to begin or stands: take a new snapshot. */
export class RevisionCompactedError extends HeddleError {
  override readonly name = 'RevisionCompactedError';
  override readonly code = 'REVISION_COMPACTED';
  override readonly details: {
    readonly table: string;
    readonly fromRevision: number;
    /** The latest change of the table that was dropped from the log: a watch may begin there or later. */
    readonly compactedRevision: number;
  };

  constructor(table: string, fromRevision: number, compactedRevision: number) {
    super(
      `Cannot watch table "${table}" from revision ${fromRevision}: changes up to revision ${compactedRevision} were dropped`,
    );
    this.details = { table, fromRevision, compactedRevision };
  }
}

/**
 * The storage could not do it: a full disk, an I/O error, a damaged or foreign file, a dead storage thread. A change
 * that fails so with `isFinal` false did not happen; with true nobody knows until the storage is opened again.
 */
export class StorageError extends HeddleError {
  override readonly name: string = 'StorageError';
  override readonly code: string = 'STORAGE_FAILED';
  /** True when this storage is of no more use: open it anew, which recovers from the disk. */
  readonly isFinal: boolean;

  constructor(message: string, options: { isFinal: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.isFinal = options.isFinal;
  }
}

/** The file was written by a newer Heddle, whose records this one may misread. It was not touched. */
export class SchemaTooNewError extends HeddleError {
  override readonly name = 'SchemaTooNewError';
  override readonly code = 'SCHEMA_TOO_NEW';
  override readonly details: { readonly file: string; readonly version: number; readonly newestKnown: number };

  constructor(file: string, version: number, newestKnown: number) {
    super(
      `Cannot open tables in "${file}": it has schema version ${version}, and this Heddle knows up to ${newestKnown}; start the newer one that wrote it`,
    );
    this.details = { file, version, newestKnown };
  }
}

/** The tables were closed before this was asked, so nothing happened. */
export class GcsClosedError extends HeddleError {
  override readonly name = 'GcsClosedError';
  override readonly code = 'GCS_CLOSED';

  constructor(action: string) {
    super(`Cannot ${action}: the tables are closed`);
  }
}

/** Too many calls wait for an answer already, so this one was not made: wait for some, then try again. */
export class GcsOverloadedError extends HeddleError {
  override readonly name = 'GcsOverloadedError';
  override readonly code = 'GCS_OVERLOADED';
  override readonly retryable = true;
  override readonly details: { readonly pendingMax: number };

  constructor(action: string, pendingMax: number) {
    super(`Cannot ${action}: ${pendingMax} calls already wait for an answer`);
    this.details = { pendingMax };
  }
}

for (const errorClass of [
  RevisionConflictError,
  RevisionCompactedError,
  StorageError,
  SchemaTooNewError,
  GcsClosedError,
  GcsOverloadedError,
])
  registerErrorClass(errorClass);
