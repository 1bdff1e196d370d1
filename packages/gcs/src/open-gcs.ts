import type { MessagePort } from 'node:worker_threads';
import { GcsClient } from './gcs-client.ts';
import { GcsServer } from './gcs-server.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type ConnectionOptions, type GcsOptions, resolveConnectOptions, resolveGcsOptions } from './options.ts';
import { StorageThread } from './storage-thread.ts';
import type { Gcs } from './table.ts';
import { LocalWire, PortWire, type Wire } from './wire.ts';

/**
 * Opens the tables. Who opens them owns them, and closes them for everybody by disposing.
 *
 * `memory` lives in this thread and ends with it. `sqlite` has a storage thread of its own; it resolves when the file
 * is open, and fails with `SchemaTooNewError` if a newer Heddle wrote it and with `StorageError` if it cannot be
 * opened, is damaged, or is open elsewhere.
 *
 * ```ts
 * await using gcs = await openGcs({ storage: 'sqlite', file: 'state.db' });
 * const jobs = gcs.table<{ status: string }>('jobs');
 * const { revision } = await jobs.put('a', { status: 'PENDING' }, { expectedRevision: 0 });
 * await jobs.put('a', { status: 'RUNNING' }, { expectedRevision: revision });
 * ```
 */
export async function openGcs(given: GcsOptions): Promise<Gcs> {
  const options = resolveGcsOptions(given);
  return new GcsClient(options.storage === 'memory' ? openMemory(options) : await openSqlite(options), options);
}

/**
 * The same tables in another thread, through a port that `Gcs.connect` gave. Owns the port. It ends by disposing, or
 * with the tables.
 */
export function connectGcs(port: MessagePort, options?: ConnectionOptions): Gcs {
  return new GcsClient(new PortWire(port), resolveConnectOptions(options));
}

/** No disk is waited for, so what is asked in one turn is done at its end. */
function openMemory(options: { readonly changeLogMax: number }): Wire {
  return new LocalWire(new GcsServer(new MemoryStorage(options), queueMicrotask));
}

async function openSqlite({ file, changeLogMax, fileBytesMax }: SqliteFile): Promise<Wire> {
  const thread = await StorageThread.start({ file, changeLogMax, fileBytesMax });
  return new PortWire(thread.port, () => thread.exited());
}

interface SqliteFile {
  readonly file: string;
  readonly changeLogMax: number;
  readonly fileBytesMax: number;
}
