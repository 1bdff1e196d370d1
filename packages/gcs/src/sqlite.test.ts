import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { GcsClient } from './gcs-client.ts';
import { openGcs, SchemaTooNewError, StorageError } from './index.ts';
import { DEFAULT_CONNECTION_OPTIONS } from './options.ts';
import { openDatabase, SCHEMA_VERSION } from './sqlite-schema.ts';
import { StorageThread } from './storage-thread.ts';
import { take } from './testing/describe-storage.ts';
import { GcsHarness, threadCount } from './testing/gcs-harness.ts';
import { PortWire } from './wire.ts';

const WRITER = new URL('./testing/write-until-killed.ts', import.meta.url).pathname;

test('every write that was acknowledged is there after SIGKILL of the process', async () => {
  await using harness = await GcsHarness.create();
  const child = spawn(process.execPath, ['--conditions=heddle-source', WRITER, harness.file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(line);
    if (acknowledged.length === 200) child.kill('SIGKILL');
  }
  assert.deepEqual(await exited, [null, 'SIGKILL']);

  const gcs = await harness.open();
  const keys = new Set((await gcs.table('numbers').list()).map((entry) => entry.key));
  assert.ok(acknowledged.length >= 200);
  assert.deepEqual(
    acknowledged.filter((key) => !keys.has(key)),
    [],
  );
});

test('records, revisions and the change log are there after the file is opened again', async () => {
  await using harness = await GcsHarness.create();
  const first = await harness.open();
  const table = first.table<number>('numbers');
  for (const key of ['a', 'b', 'a']) await table.put(key, 1);
  await table.delete('a');
  const before = await table.list();
  await first[Symbol.asyncDispose]();

  const second = (await harness.open()).table<number>('numbers');
  assert.deepEqual(await second.list(), before);
  const changes = await take(second.watch({ fromRevision: 2 }), 2);
  assert.deepEqual(
    changes.map(({ type, key, revision }) => [type, key, revision]),
    [
      ['put', 'a', 3],
      ['delete', 'a', 4],
    ],
  );
  assert.equal((await second.put('c', 1)).revision, 5);
});

test('what the change log has dropped stays dropped after the file is opened again', async () => {
  await using harness = await GcsHarness.create();
  const first = await harness.open('sqlite', { changeLogMax: 2 });
  for (let n = 0; n < 5; n++) await first.table<number>('numbers').put('key', n);
  await first[Symbol.asyncDispose]();

  const second = await harness.open('sqlite', { changeLogMax: 2 });
  await assert.rejects(second.table('numbers').watch({ fromRevision: 1 }).next(), { code: 'REVISION_COMPACTED' });
  assert.equal((await second.stats()).revision, 5);
});

test('in a pause the log is moved into the file, so that no commit has to wait for that', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  const emptyBytes = (await stat(harness.file)).size;
  const table = gcs.table<string>('texts');
  for (let n = 0; n < 120; n++) await table.put(`key ${n}`, 'x'.repeat(1000)); // A tenth of what SQLite waits for.
  while ((await stat(harness.file)).size < emptyBytes + 120 * 1000) await setImmediate();
  assert.equal((await table.list()).length, 120);
});

test('a commit waits for the disk: write-ahead log, synchronous FULL', async () => {
  await using harness = await GcsHarness.create();
  const database = openDatabase(harness.file, 2 ** 20);
  const settings = ['journal_mode', 'synchronous'].map((name) => database.prepare(`PRAGMA ${name}`).get());
  database.close();
  assert.deepEqual(
    settings.flatMap((row) => Object.values(row ?? {})),
    ['wal', 2],
  );
});

test('writes that wait share commits, each with its own outcome', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  const table = gcs.table<number>('numbers');
  const puts = Array.from({ length: 1_000 }, (_, n) => table.put(`key${n % 500}`, n, { expectedRevision: 0 }));
  const outcomes = await Promise.allSettled(puts);
  const { writes, commits } = await gcs.stats();
  assert.equal(outcomes.filter((outcome) => outcome.status === 'rejected').length, 500);
  assert.equal(writes, 500);
  assert.ok(commits <= 5, `500 writes asked for in one turn took ${commits} commits`);
});

test('a write that is awaited before the next has a commit of its own', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  for (let n = 0; n < 3; n++) await gcs.table<number>('numbers').put('key', n);
  const { writes, commits } = await gcs.stats();
  assert.deepEqual({ writes, commits }, { writes: 3, commits: 3 });
});

/** What the first version made: it stays as it was. */
const SCHEMA_1 = `
  CREATE TABLE entries (
    created INTEGER PRIMARY KEY, "table" TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX entries_by_key ON entries ("table", key);
  CREATE TABLE changes (revision INTEGER PRIMARY KEY, "table" TEXT NOT NULL, key TEXT NOT NULL, text TEXT) STRICT;
  CREATE TABLE compacted ("table" TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO entries VALUES (1, 'numbers', 'a', 2, '41');
  INSERT INTO changes VALUES (1, 'numbers', 'a', '40'), (2, 'numbers', 'a', '41');
  PRAGMA user_version = 1;
`;

function makeFirstVersion(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${SCHEMA_1}`);
  database.close();
}

test('a file of an older version is upgraded with all that is in it, after a copy that is as it was', async () => {
  await using harness = await GcsHarness.create();
  makeFirstVersion(harness.file);
  const gcs = await harness.open();
  const table = gcs.table<number>('numbers');
  assert.deepEqual(await table.list(), [{ key: 'a', revision: 2, value: 41 }]);
  assert.equal((await take(table.watch({ fromRevision: 1 }), 1))[0]?.revision, 2);
  assert.equal((await table.put('a', 42, { expectedRevision: 2 })).revision, 3);
  await gcs[Symbol.asyncDispose]();

  const copy = new DatabaseSync(`${harness.file}.v1`, { readOnly: true });
  assert.equal(copy.prepare('PRAGMA user_version').get()?.user_version, 1);
  assert.equal(copy.prepare('SELECT text FROM entries').get()?.text, '41');
  copy.close();
  assert.equal((await stat(`${harness.file}.v1`)).mode & 0o777, 0o600);
  const now = new DatabaseSync(harness.file);
  assert.equal(now.prepare('SELECT max(version) AS version FROM versions').get()?.version, SCHEMA_VERSION);
  now.close();
  await rm(`${harness.file}.v1`);
});

test('an upgrade that cannot copy first changes nothing', async () => {
  await using harness = await GcsHarness.create();
  makeFirstVersion(harness.file);
  await mkdir(`${harness.file}.v1`);
  await assert.rejects(harness.open(), StorageError);
  const database = new DatabaseSync(harness.file);
  assert.equal(database.prepare('PRAGMA user_version').get()?.user_version, 1);
  database.close();
  await rmdir(`${harness.file}.v1`);
});

test('a backup of tables that are being written opens by itself, and holds what was written before it', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  const table = gcs.table<string>('texts');
  for (let at = 0; at < 200; at++) await table.put(`before ${at}`, 'x'.repeat(10_000));
  const copy = `${harness.file}.backup`;
  let isOver = false;
  const writing = (async () => {
    for (let at = 0; !isOver; at++) await table.put(`meanwhile ${at}`, 'y');
  })();
  await gcs.backup(copy);
  isOver = true;
  await writing;
  assert.equal((await stat(copy)).mode & 0o777, 0o600);
  await assert.rejects(gcs.backup(copy), { code: 'STORAGE_FAILED', message: /exists/ });

  const restored = await openGcs({ storage: 'sqlite', file: copy });
  const keys = new Set((await restored.table('texts').list()).map(({ key }) => key));
  for (let at = 0; at < 200; at++) assert.ok(keys.has(`before ${at}`));
  await restored.table('texts').put('after', 'z');
  await restored[Symbol.asyncDispose]();
  await rm(copy);
});

test('tables in memory cannot be backed up, and a backup that fails leaves no file', async () => {
  await using harness = await GcsHarness.create();
  await using memory = await openGcs({ storage: 'memory' });
  await assert.rejects(memory.backup(`${harness.file}.backup`), { code: 'STORAGE_FAILED', message: /in memory/ });
  const gcs = await harness.open();
  await assert.rejects(gcs.backup('/nonexistent/backup'), { code: 'STORAGE_FAILED', message: /ENOENT/ });
  await gcs.table('numbers').put('a', 1);
});

test('a file with a newer schema is refused and left as it is', async () => {
  await using harness = await GcsHarness.create();
  await (await harness.open())[Symbol.asyncDispose]();
  const database = new DatabaseSync(harness.file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const before = await readFile(harness.file);

  await assert.rejects(harness.open(), (error) => {
    assert.ok(error instanceof SchemaTooNewError);
    assert.deepEqual(error.details, { file: harness.file, version: 99, newestKnown: SCHEMA_VERSION });
    return true;
  });
  assert.deepEqual(await readFile(harness.file), before);
});

test('a file that is no SQLite file, and a directory that is not there, are refused', async () => {
  await using harness = await GcsHarness.create();
  await writeFile(harness.file, 'x'.repeat(5_000));
  await assert.rejects(harness.open(), { code: 'STORAGE_FAILED', message: /file is not a database/ });
  const file = `${harness.directory}/none/state.db`;
  await assert.rejects(openGcs({ storage: 'sqlite', file }), { code: 'STORAGE_FAILED', message: /ENOENT/ });
});

test('a damaged file is refused', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  await Promise.all(Array.from({ length: 200 }, (_, n) => gcs.table('things').put(`key${n}`, 'x'.repeat(500))));
  await gcs[Symbol.asyncDispose]();
  const bytes = await readFile(harness.file);
  bytes.fill(0xff, 6 * 4096, 7 * 4096);
  await writeFile(harness.file, bytes);
  const message = /^Cannot open tables in "[^"]+": it is damaged \([^\n]+\); put a backup in its place$/;
  await assert.rejects(harness.open(), { code: 'STORAGE_FAILED', message });
});

test('one bit that has flipped in a record, where SQLite does not look, is found, and the file is refused', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  await gcs.table('things').put('key', 'rm -r ./old');
  await gcs[Symbol.asyncDispose]();
  const bytes = await readFile(harness.file);
  for (let at = bytes.indexOf('./old'); at >= 0; at = bytes.indexOf('./old', at + 1)) bytes[at]! ^= 1;
  await writeFile(harness.file, bytes);
  const message =
    /it is damaged \(the row of "key" in "things" does not have its checksum\); put a backup in its place$/;
  await assert.rejects(harness.open(), { code: 'STORAGE_FAILED', message });
});

test('a file that is open already is refused to a second opener', async () => {
  await using harness = await GcsHarness.create();
  await harness.open();
  await assert.rejects(openGcs({ storage: 'sqlite', file: harness.file }), { message: /database is locked/ });
});

test('the file can be read by its owner only, also one that was copied there', async () => {
  await using harness = await GcsHarness.create();
  await (await harness.open())[Symbol.asyncDispose]();
  await chmod(harness.file, 0o644);
  await (await harness.open()).table('things').put('key', 1);
  for (const name of ['state.db', 'state.db-wal'])
    assert.equal((await stat(`${harness.directory}/${name}`)).mode & 0o777, 0o600);
});

test('a write that finds the file full fails alone with its commit, and the tables go on', async () => {
  await using harness = await GcsHarness.create();
  const file = { storage: 'sqlite', file: harness.file, fileBytesMax: 128 * 1024 } as const;
  const gcs = harness.own(await openGcs(file));
  const table = gcs.table<string>('things');
  await table.put('small', 'x');
  const writes = await Promise.allSettled([
    table.put('fits', 'y'),
    table.get('fits'),
    table.put('big', 'z'.repeat(200_000)),
  ]);

  for (const write of [writes[0], writes[2]]) {
    assert.equal(write.status, 'rejected');
    assert.ok(write.reason instanceof StorageError);
    assert.equal(write.reason.isFinal, false);
  }
  assert.deepEqual(writes[1], { status: 'fulfilled', value: undefined }, 'a read sees nothing that never came to be');
  assert.equal((await table.put('after', 'x')).revision, 2);
  assert.deepEqual(
    (await table.list()).map((entry) => entry.key),
    ['small', 'after'],
  );
});

test('when the storage thread dies, all that waits fails, and so does what is asked later', async () => {
  await using harness = await GcsHarness.create();
  const thread = await StorageThread.start({ file: harness.file, changeLogMax: 10, fileBytesMax: 2 ** 20 });
  const opener = new GcsClient(new PortWire(thread.port, () => thread.exited()), DEFAULT_CONNECTION_OPTIONS);
  const other = new GcsClient(new PortWire(opener.connect()), DEFAULT_CONNECTION_OPTIONS);
  await other.table('numbers').put('key', 0);
  const waiting = [opener, other].flatMap((gcs) => [
    gcs.table('numbers').put('key', 1),
    gcs.table('others').watch().next(),
  ]);
  const settled = Promise.allSettled(waiting);
  await Promise.all([thread.terminate(), settled]);

  for (const outcome of [(await settled)[1]!, (await settled)[3]!]) {
    assert.equal(outcome.status, 'rejected');
    assert.equal(outcome.reason.code, 'STORAGE_FAILED');
  }
  for (const gcs of [opener, other]) {
    assert.ok((await gcs.closed) instanceof StorageError);
    await assert.rejects(gcs.table('numbers').get('key'), { code: 'STORAGE_FAILED', isFinal: true });
    await gcs[Symbol.asyncDispose]();
  }
  const reopened = await harness.open();
  assert.ok((await reopened.table('numbers').get('key')) !== undefined);
});

test('tables serve a client in another thread, and forget it when that thread dies', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  const port = gcs.connect();
  const source = `
    const { workerData } = require('node:worker_threads');
    import('${new URL('./index.ts', import.meta.url)}').then(async ({ connectGcs }) => {
      const table = connectGcs(workerData).table('numbers');
      await table.put('from the worker', 1);
      for await (const change of table.watch()) ;
    });`;
  const watch = gcs.table('numbers').watch();
  const worker = new Worker(source, { eval: true, workerData: port, transferList: [port] });
  assert.equal((await watch.next()).value?.key, 'from the worker');
  await worker.terminate();
  await watch.return?.();
  for (let stats = await gcs.stats(); stats.connections > 1; ) stats = await gcs.stats();
});

test('disposing twice, or without having done anything, leaves no thread', async () => {
  await using harness = await GcsHarness.create();
  const gcs = await harness.open();
  assert.equal(threadCount(), 1);
  await Promise.all([gcs[Symbol.asyncDispose](), gcs[Symbol.asyncDispose]()]);
  assert.equal(threadCount(), 0);
});

test('an open file alone does not keep a program running, and a write that is awaited does', async () => {
  await using harness = await GcsHarness.create();
  const script = `
    import { openGcs } from '${new URL('./index.ts', import.meta.url)}';
    const gcs = await openGcs({ storage: 'sqlite', file: process.argv[1] });
    gcs.table('numbers').put('key', 1).then(() => process.stdout.write('done'));`;
  const flags = ['--conditions=heddle-source', '--input-type=module', '--eval', script, harness.file];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const output = (await child.stdout.toArray()).join('');
  assert.deepEqual([output, ...(await exited)], ['done', 0, null]);
  assert.equal((await (await harness.open()).table('numbers').get('key'))?.value, 1);
});
