import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError } from './errors.ts';
import { GcsClient } from './gcs-client.ts';
import { GcsServer } from './gcs-server.ts';
import { MemoryStorage } from './memory-storage.ts';
import { DEFAULT_CONNECTION_OPTIONS } from './options.ts';
import { LocalWire } from './wire.ts';

/** Memory whose next commit fails as a disk would. */
class FailingStorage extends MemoryStorage {
  failure: StorageError | undefined;
  isDisposed = false;

  override transaction<T>(work: () => T): T {
    if (this.failure !== undefined) throw this.failure;
    return super.transaction(work);
  }

  override [Symbol.dispose](): void {
    this.isDisposed = true;
    super[Symbol.dispose]();
  }
}

function openFailing() {
  const storage = new FailingStorage({ changeLogMax: 100 });
  const gcs = new GcsClient(new LocalWire(new GcsServer(storage, queueMicrotask)), DEFAULT_CONNECTION_OPTIONS);
  return { storage, gcs };
}

test('a failure that is not final fails the writes of its commit and answers the reads', async () => {
  const { storage, gcs } = openFailing();
  await using _ = gcs;
  const table = gcs.table<number>('numbers');
  storage.failure = new StorageError('Cannot write: disk full', { isFinal: false });
  const outcomes = await Promise.allSettled([table.put('a', 1), table.list(), table.delete('a')]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['rejected', 'fulfilled', 'rejected'],
  );
  storage.failure = undefined;
  assert.equal((await table.put('a', 1)).revision, 1);
  const { writes, commits } = await gcs.stats();
  assert.deepEqual({ writes, commits }, { writes: 1, commits: 1 });
});

test('a final failure ends the tables for everybody and closes the storage', async () => {
  const { storage, gcs } = openFailing();
  await using _ = gcs;
  const table = gcs.table<number>('numbers');
  const watching = table.watch().next();
  storage.failure = new StorageError('Cannot write: disk I/O error', { isFinal: true });
  await assert.rejects(table.put('a', 1), { code: 'STORAGE_FAILED' });
  await assert.rejects(watching, { message: /disk I\/O error/ });
  assert.ok((await gcs.closed) instanceof StorageError);
  assert.equal(storage.isDisposed, true);
  await assert.rejects(table.get('a'), { code: 'STORAGE_FAILED' });
});

test('what a storage throws besides its own errors is final too', async () => {
  const { storage, gcs } = openFailing();
  await using _ = gcs;
  storage.failure = new TypeError('bug') as never;
  await assert.rejects(gcs.table('numbers').put('a', 1), { code: 'STORAGE_FAILED', isFinal: true });
  assert.ok((await gcs.closed) instanceof StorageError);
});
