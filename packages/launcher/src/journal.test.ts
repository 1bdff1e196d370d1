import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ManualClock } from '@heddle/base';
import { AttemptTable } from './attempt-table.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { Journal, readJournal } from './journal.ts';
import type { JournalRecord } from './journal-record.ts';

const MIB = 1024 * 1024;

/** A real disk that can be told to fail. */
class FailingDisk implements Disk {
  /** The steps that fail from now on. */
  readonly failing = new Set<keyof Disk>();
  /** No byte beyond this place in a file is taken. */
  fullFrom = Number.POSITIVE_INFINITY;
  readonly #disk = nodeDisk;

  async create(path: string): Promise<number> {
    this.#maybeFail('create');
    return this.#disk.create(path);
  }
  async write(fd: number, bytes: Buffer, position: number): Promise<void> {
    this.#maybeFail('write');
    if (position + bytes.length > this.fullFrom) throw new Error('ENOSPC');
    return this.#disk.write(fd, bytes, position);
  }
  async syncData(fd: number): Promise<void> {
    this.#maybeFail('syncData');
    return this.#disk.syncData(fd);
  }
  async sync(fd: number): Promise<void> {
    this.#maybeFail('sync');
    return this.#disk.sync(fd);
  }
  async syncDirectory(path: string): Promise<void> {
    this.#maybeFail('syncDirectory');
    return this.#disk.syncDirectory(path);
  }
  async rename(from: string, to: string): Promise<void> {
    this.#maybeFail('rename');
    return this.#disk.rename(from, to);
  }
  close(fd: number): Promise<void> {
    return this.#disk.close(fd);
  }
  remove(path: string): void {
    this.#disk.remove(path);
  }

  #maybeFail(step: keyof Disk): void {
    if (this.failing.has(step)) throw new Error(`EIO in ${step}`);
  }
}

/** A journal with the table that it keeps, as the launcher has them. */
class JournalHarness implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'heddle-journal-'));
  readonly path = join(this.directory, 'journal');
  readonly clock = new ManualClock();
  readonly disk = new FailingDisk();
  readonly table = new AttemptTable();
  readonly health: (string | undefined)[] = [];
  runningJobs = 0;
  /** Resolves when the journal says that all is durable. */
  readonly saved = Promise.withResolvers<void>();
  readonly journal = new Journal({
    path: this.path,
    clock: this.clock,
    disk: this.disk,
    snapshot: () => this.table.toRecords(),
    runningJobs: () => this.runningJobs,
    onHealth: (failure) => this.health.push(failure),
    onSaved: () => this.saved.resolve(),
  });

  /** Applies and appends, as the launcher does. */
  append(record: JournalRecord, kind?: 'claim' | 'fact'): Promise<void> {
    this.table.apply(record);
    return this.journal.append(record, kind);
  }

  /** What a launcher that starts now would find. */
  read(): AttemptTable {
    const table = new AttemptTable();
    for (const record of readJournal(this.path).records) table.apply(record);
    return table;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close({ remove: true });
    const files = readdirSync(this.directory);
    rmSync(this.directory, { recursive: true });
    assert.deepEqual(files, []);
    assert.equal(this.clock.pendingTimers, 0);
  }
}

const claimed = (attemptId: string): JournalRecord => ({
  type: 'claimed',
  attemptId,
  jobId: `job-of-${attemptId}`,
  marker: `m:${attemptId}`,
});
const failed = (attemptId: string, failure = 'no such command'): JournalRecord => ({
  type: 'failed',
  attemptId,
  failure,
});
const settled = (...attemptIds: string[]): JournalRecord => ({ type: 'settled', attemptIds });

test('a fact is told when it is written; when it is durable too, that is said, so that nobody waits for it in vain', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  await harness.append({ type: 'settled', attemptIds: ['a'] });
  assert.equal(harness.journal.isSaved, false);
  await harness.saved.promise;
  assert.equal(harness.journal.isSaved, true);
});

test('what was appended is read back', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  await harness.append(claimed('a'), 'claim');
  await harness.append(failed('a'));
  assert.deepEqual(harness.read().all(), harness.table.all());
});

test('all records of a turn, and those that come during an fsync, share one fsync', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  const before = harness.journal.stats.syncs;
  await Promise.all(Array.from({ length: 100 }, (_, index) => harness.append(claimed(`a${index}`), 'claim')));
  assert.equal(harness.journal.stats.syncs, before + 1);
  assert.equal(harness.read().size, 100);
});

test('a journal is written ahead by a MiB at least, and appending does not make it longer', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  const { size } = statSync(harness.path);
  await harness.append(claimed('a'), 'claim');
  assert.equal(statSync(harness.path).size, size);
  assert.ok(harness.journal.stats.aheadBytes > MIB);
});

test('after a MiB the journal is rewritten and says only what still matters', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  await harness.append(claimed('kept'), 'claim');
  let appended = 0;
  for (let round = 0; appended < MIB + 100_000; round++) {
    const ids = Array.from({ length: 20 }, (_, index) => `a${round}-${index}`);
    await Promise.all(ids.map((id) => harness.append(claimed(id), 'claim')));
    await Promise.all(ids.map((id) => harness.append(failed(id, 'x'.repeat(1000)))));
    await harness.append(settled(...ids));
    appended += 20 * 1200;
  }
  assert.equal(harness.journal.stats.rewrites, 2);
  assert.ok(harness.journal.stats.bytes < MIB / 2);
  assert.ok(harness.journal.stats.aheadBytes > MIB);
  assert.deepEqual(readdirSync(harness.directory), ['journal']);
  assert.deepEqual(harness.read().all(), harness.table.all());
  assert.equal(harness.read().size, 1);
});

test('a passing file that a crash has left is removed', async () => {
  await using harness = new JournalHarness();
  writeFileSync(`${harness.path}.tmp`, 'half a rewrite');
  await harness.journal.start();
  assert.deepEqual(readdirSync(harness.directory), ['journal']);
});

for (const step of ['write', 'syncData'] as const) {
  test(`a ${step} that fails voids claims, keeps facts, and is made good when the disk works again`, async () => {
    await using harness = new JournalHarness();
    await harness.journal.start();
    await harness.append(claimed('runs'), 'claim');

    harness.disk.failing.add(step).add('create');
    const fact = harness.append(failed('runs'));
    await (step === 'write' ? assert.rejects(fact, /EIO/) : fact); // What is written outlives this process.
    await assert.rejects(harness.journal.append(claimed('void'), 'claim'), /EIO/);
    assert.equal(harness.journal.isSaved, false);
    assert.deepEqual(harness.health, [`EIO in ${step}`]);
    harness.clock.advance(1000);
    await assert.rejects(harness.journal.append(claimed('void'), 'claim'));

    harness.disk.failing.clear();
    while (!harness.journal.isSaved) {
      harness.clock.advance(1000);
      await new Promise(setImmediate);
    }
    assert.deepEqual(harness.health, [`EIO in ${step}`, undefined]);
    assert.deepEqual(harness.read().all(), harness.table.all());
    assert.equal(harness.read().get('runs')?.phase, 'failed');
    await harness.append(claimed('later'), 'claim');
    assert.equal(harness.read().get('void'), undefined);
    assert.equal(harness.read().get('later')?.phase, 'claimed');
  });
}

test('after a rename whose durability is unknown nothing is appended until another rewrite has worked', async () => {
  await using harness = new JournalHarness();
  harness.disk.failing.add('syncDirectory');
  await harness.journal.start();
  await assert.rejects(harness.journal.append(claimed('a'), 'claim'), /EIO/);
  harness.disk.failing.clear();
  while (!harness.journal.isSaved) {
    harness.clock.advance(1000);
    await new Promise(setImmediate);
  }
  await harness.append(claimed('a'), 'claim');
  assert.equal(harness.read().get('a')?.phase, 'claimed');
});

test('on a full disk claims are refused for which no room is left, and facts go on being saved', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  harness.disk.fullFrom = statSync(harness.path).size;
  harness.runningJobs = Math.floor(harness.journal.stats.aheadBytes / 4096) + 1;
  await assert.rejects(harness.journal.append(claimed('too much'), 'claim'), /no room/);
  await harness.append(failed('x'));
  harness.runningJobs = 10;
  await harness.append(claimed('a'), 'claim');
  harness.disk.failing.add('create'); // No new file either: what is written ahead has to do.
  while (harness.journal.stats.aheadBytes > 11 * 4096) await harness.append(failed('a', 'x'.repeat(8000)));
  await assert.rejects(harness.journal.append(claimed('too much'), 'claim'), /no room/);
  await harness.append(failed('a', 'still saved'));
  assert.equal(harness.read().get('a')?.failure, 'still saved');
  while (!harness.journal.isSaved) await new Promise(setImmediate);
});

test('when the disk has room again more is written ahead', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  harness.runningJobs = 1000;
  await harness.append(claimed('a'), 'claim');
  assert.ok(harness.journal.stats.aheadBytes >= 4 * MIB);
});

test('a journal of a newer version is refused', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  const { encodeRecord } = await import('./journal-codec.ts');
  writeFileSync(harness.path, encodeRecord({ journal: 2 }, 1, 0));
  assert.throws(() => readJournal(harness.path), { code: 'JOURNAL_TOO_NEW' });
});

test('a flipped bit in the file is refused and the file left as it is', async () => {
  await using harness = new JournalHarness();
  await harness.journal.start();
  await harness.append(claimed('a'), 'claim');
  const bytes = readFileSync(harness.path);
  bytes[100]! ^= 4;
  writeFileSync(harness.path, bytes);
  assert.throws(() => harness.read(), { code: 'JOURNAL_DAMAGED' });
  assert.deepEqual(readFileSync(harness.path), bytes);
});
