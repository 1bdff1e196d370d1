/**
 * The storage thread: the one place where the disk is waited for.
 *
 * It says once whether it could open the file, serves until its owner's port closes or the storage fails, and ends by
 * having nothing left to listen to.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type EncodedError, encodeError } from '@heddle/base';
import { GcsServer } from './gcs-server.ts';
import { servePort } from './serve-port.ts';
import { SqliteStorage, type SqliteStorageOptions } from './sqlite-storage.ts';

export interface StorageThreadData {
  readonly options: SqliteStorageOptions;
  /** The owner's: when it closes, so does the storage. */
  readonly port: MessagePort;
}

export type StorageThreadOpened = { readonly isOpen: true } | { readonly isOpen: false; readonly error: EncodedError };

const { options, port } = workerData as StorageThreadData;
try {
  // An immediate runs after the ports have been drained: what came while the disk was busy shares the next commit.
  const server = new GcsServer(new SqliteStorage(options), setImmediate);
  servePort(server, port, () => server[Symbol.dispose]());
  tell({ isOpen: true });
} catch (error) {
  port.close();
  tell({ isOpen: false, error: encodeError(error as Error) });
}

function tell(message: StorageThreadOpened): void {
  parentPort!.postMessage(message);
}
