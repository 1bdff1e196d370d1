export {
  GcsClosedError,
  GcsOverloadedError,
  RevisionCompactedError,
  RevisionConflictError,
  SchemaTooNewError,
  StorageError,
} from './errors.ts';
export { connectGcs, openGcs } from './open-gcs.ts';
export type { ConnectionOptions, GcsOptions, MemoryOptions, SqliteOptions, StorageOptions } from './options.ts';
export type { Change, Entry, Gcs, GcsStats, Snapshot, Table, WatchOptions, WriteOptions } from './table.ts';
