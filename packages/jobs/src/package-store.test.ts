import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CountingIds, ManualClock } from '@heddle/base';
import { PackagesFullError, PackageTooLargeError } from './errors.ts';
import { packagePathsOf } from './package-paths.ts';
import { PACKAGE_BYTES_MAX, PackageStore } from './package-store.ts';
import { zipOf } from './testing/zip.ts';
import { UnpackedPackages } from './unpacked-packages.ts';

class StoreHarness implements AsyncDisposable {
  readonly root: string;
  readonly clock = new ManualClock(1_800_000_000_000);

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<StoreHarness> {
    return new StoreHarness(await mkdtemp(join(tmpdir(), 'heddle-packages-')));
  }

  paths = (boot = 'boot_1') => packagePathsOf(this.root, boot);
  store = (boot?: string, bytesMax = 2 ** 40) =>
    PackageStore.open({ paths: this.paths(boot), clock: this.clock, ids: new CountingIds(), bytesMax });
  unpacked = () => new UnpackedPackages(this.paths());

  async files(): Promise<string[]> {
    const all = await readdir(join(this.root, 'packages'), { recursive: true, withFileTypes: true });
    return all.filter((each) => !each.isDirectory()).map((each) => each.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.deepEqual(
      (await this.files()).filter((name) => name.endsWith('.tmp')),
      [],
    );
    await rm(this.root, { recursive: true });
  }
}

const once = async function* (...chunks: Buffer[]) {
  yield* chunks;
};
const zip = (content: string) => zipOf([{ name: 'main.py', content }]);

test('a package is unpacked once for each content, whatever its names, and shared', async () => {
  await using harness = await StoreHarness.open();
  const store = await harness.store();
  assert.equal(await store.has('a.zip'), false);
  await store.put('a.zip', once(zip('one').subarray(0, 10), zip('one').subarray(10)));
  await store.put('b.zip', once(zip('one')));
  assert.equal(await store.has('a.zip'), true);
  const unpacked = harness.unpacked();
  const [first, second, third] = await Promise.all(
    ['a.zip', 'a.zip', 'b.zip'].map((name) => unpacked.directoryOf(name)),
  );
  assert.equal(first, second);
  assert.equal(first, third);
  assert.equal(await readFile(join(first!, 'main.py'), 'utf8'), 'one');
  await writeFile(join(first!, 'note'), 'x');
  assert.equal(await harness.unpacked().directoryOf('a.zip'), first);
  assert.equal(await readFile(join(first!, 'note'), 'utf8'), 'x', 'it was not unpacked again');
  assert.equal(await unpacked.directoryOf('c.zip'), undefined);
});

test('X5: a package that is too long is refused while it comes, and leaves nothing', async () => {
  await using harness = await StoreHarness.open();
  const store = await harness.store();
  let sent = 0;
  const endless = async function* () {
    for (;;) {
      sent += 1024 * 1024;
      yield Buffer.alloc(1024 * 1024);
    }
  };
  await assert.rejects(store.put('a.zip', endless()), PackageTooLargeError);
  assert.equal(sent, PACKAGE_BYTES_MAX + 1024 * 1024);
  const broken = async function* () {
    yield Buffer.from('x');
    throw new Error('the client has gone');
  };
  await assert.rejects(store.put('a.zip', broken()), /gone/);
  assert.deepEqual(await harness.files(), []);
});

test('a store that is full takes nothing until something has gone', async () => {
  await using harness = await StoreHarness.open();
  const store = await harness.store('boot_1', zip('one').length);
  await store.put('a.zip', once(zip('one')));
  await assert.rejects(
    store.put('b.zip', once(zip('two'))),
    (error) => error instanceof PackagesFullError && error.retryable,
  );
  assert.equal(await store.has('b.zip'), false);
  await store.tidy(new Set(), 0);
  await store.put('b.zip', once(zip('two')));
});

test('a package goes some time after it was last used, and not while a job needs it', async () => {
  await using harness = await StoreHarness.open();
  const store = await harness.store();
  for (const name of ['used.zip', 'asked.zip', 'old.zip']) await store.put(name, once(zip(name)));
  const directory = (await harness.unpacked().directoryOf('old.zip'))!;
  harness.clock.advance(600);
  await store.has('asked.zip');
  await store.tidy(new Set(['used.zip']), 600);
  assert.deepEqual(await Promise.all(['used.zip', 'asked.zip', 'old.zip'].map((name) => store.has(name))), [
    true,
    true,
    false,
  ]);
  harness.clock.advance(600);
  await store.tidy(new Set(), 600);
  assert.equal(await store.has('used.zip'), false);
  assert.deepEqual(await harness.files(), []);
  await assert.rejects(stat(directory), { code: 'ENOENT' });
});

test('what an earlier daemon left half-done is removed, and what an earlier boot unpacked is not trusted', async () => {
  await using harness = await StoreHarness.open();
  await (await harness.store()).put('a.zip', once(zip('one')));
  const { names, zips, unpacked } = harness.paths();
  await writeFile(join(zips, 'upload_1.tmp'), 'half');
  await writeFile(join(names, 'upload_2.tmp'), 'half');
  const directory = (await harness.unpacked().directoryOf('a.zip'))!;
  await mkdir(`${directory}.tmp`); // Its thread died.
  await rm(directory, { recursive: true });
  assert.equal(await harness.unpacked().directoryOf('a.zip'), directory);

  const store = await harness.store('boot_2');
  assert.equal(await store.has('a.zip'), true);
  await assert.rejects(stat(unpacked), { code: 'ENOENT' });
});

test('an archive that is refused leaves nothing unpacked', async () => {
  await using harness = await StoreHarness.open();
  const store = await harness.store();
  await store.put('bad.zip', once(zipOf([{ name: 'fine' }, { name: 'zip', content: 'x', uncompressedSize: 9 }])));
  await assert.rejects(harness.unpacked().directoryOf('bad.zip'), { name: 'ArchiveError' });
  assert.deepEqual(await readdir(harness.paths().unpacked), []);
});
