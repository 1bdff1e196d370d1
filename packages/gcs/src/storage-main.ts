/**
 * The storage thread: the one place where the disk is waited for.
 *
 * It says once whether it could open the file, serves until its owner's port closes or the storage fails, and ends by
 * having nothing left to listen to.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type EncodedError, encodeError, realClock, type Timer } from '@heddle/base';
import { GcsServer } from './gcs-server.ts';
import { servePort } from './serve-port.ts';
import { SqliteStorage, type SqliteStorageOptions } from './sqlite-storage.ts';

export interface StorageThreadData {
  readonly options: SqliteStorageOptions;
  /** The owner's: when it closes, so does the storage. */
  readonly port: MessagePort;
}

/** So long after the last request, what was written is moved from the log into the file: nobody is likely to wait for it then. */
const IDLE_MS = 10;
/** How long writes are gathered while several are made at once. */
const GATHER_MS = 2;
const sleepCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

export type StorageThreadOpened = { readonly isOpen: true } | { readonly isOpen: false; readonly error: EncodedError };

const { options, port } = workerData as StorageThreadData;
let storage: SqliteStorage | undefined;
let idle: Timer | undefined;
try {
  storage = new SqliteStorage(options);
  const server = new GcsServer(storage, scheduleCommit);
  servePort(server, port, () => server[Symbol.dispose]());
  tell({ isOpen: true });
} catch (error) {
  port.close();
  tell({ isOpen: false, error: encodeError(error as Error) });
}

/**
 * An immediate runs after the ports have been drained: what came while the disk was busy shares the next commit.
 *
 * A fast disk would make a commit of every single write, at ten times the processor's work, and wake this thread for
 * each. So while several write at once, the thread sleeps a moment before it listens: one who writes alone never waits.
 */
function scheduleCommit(run: () => void, isBusy: boolean): void {
  idle?.cancel();
  const runAndRest = (): void => {
    run();
    if (storage!.hasLongLog) idle = realClock.after(IDLE_MS, () => storage!.shortenLog(), { background: true });
  };
  if (!isBusy) {
    setImmediate(runAndRest);
    return;
  }
  Atomics.wait(sleepCell, 0, 0, GATHER_MS);
  setImmediate(() => setImmediate(runAndRest)); // In between every port is drained of what came meanwhile.
}

function tell(message: StorageThreadOpened): void {
  parentPort!.postMessage(message);
}
