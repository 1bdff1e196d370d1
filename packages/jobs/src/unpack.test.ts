import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import yazl from 'yazl';
import { LINK_MODE, type ZipEntry, zipOf } from './testing/zip.ts';
import { ArchiveError, unpack } from './unpack.ts';

class UnpackHarness implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<UnpackHarness> {
    return new UnpackHarness(await mkdtemp(join(tmpdir(), 'heddle-unpack-')));
  }

  at = (path: string): string => join(this.root, 'out', path);

  async unpack(archive: Buffer): Promise<void> {
    await writeFile(join(this.root, 'a.zip'), archive);
    await unpack(join(this.root, 'a.zip'), join(this.root, 'out'));
  }

  /** Why it is refused; and nothing was written. */
  async refusal(entries: readonly ZipEntry[] | Buffer): Promise<string> {
    const archive = Buffer.isBuffer(entries) ? entries : zipOf(entries);
    const error = await this.unpack(archive).then(
      () => assert.fail('it was unpacked'),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof ArchiveError, String(error));
    return error.message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}

test('an archive comes out as it went in: content, modes, empty directories, links', async () => {
  await using harness = await UnpackHarness.open();
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from('print(1)\n'), 'main.py', { mode: 0o100_644 });
  zip.addBuffer(Buffer.from('#!/bin/sh\n'.repeat(10_000)), 'bin/run.sh', { mode: 0o100_755 });
  zip.addBuffer(Buffer.from('run.sh'), 'bin/alias', { mode: LINK_MODE, compress: false });
  zip.addEmptyDirectory('empty');
  zip.end();
  await harness.unpack(await buffer(zip.outputStream as never));
  assert.equal(await readFile(harness.at('main.py'), 'utf8'), 'print(1)\n');
  assert.equal((await readFile(harness.at('bin/alias'), 'utf8')).length, 100_000);
  assert.equal(await readlink(harness.at('bin/alias')), 'run.sh');
  assert.equal((await stat(harness.at('bin/run.sh'))).mode & 0o777, 0o755);
  assert.equal((await stat(harness.at('main.py'))).mode & 0o777, 0o644);
  assert.deepEqual((await readdir(harness.at(''))).sort(), ['bin', 'empty', 'main.py']);
});

test('X6: setuid, setgid and sticky bits do not come out', async () => {
  await using harness = await UnpackHarness.open();
  await harness.unpack(
    zipOf([
      { name: 'su', mode: 0o106_755 },
      { name: 'shared/', mode: 0o043_777 },
      { name: 'unsaid', mode: 0 },
      { name: 'closed/', mode: 0o040_000 },
      { name: 'closed/in', mode: 0o100_400 },
    ]),
  );
  const modeOf = async (path: string) => ((await stat(harness.at(path))).mode & 0o7777).toString(8);
  assert.deepEqual(await Promise.all(['su', 'shared', 'unsaid', 'closed/in'].map(modeOf)), [
    '755',
    '777',
    '644',
    '400',
  ]);
});

test('X6: an archive with one bad entry is refused whole, before anything is written', async () => {
  await using harness = await UnpackHarness.open();
  const bad: [ZipEntry, RegExp][] = [
    [{ name: '/etc/x' }, /absolute/],
    [{ name: '../x' }, /leads out/],
    [{ name: 'C:/x' }, /drive letter/],
    [{ name: 'a\\b' }, /backslash/],
    [{ name: 'a\0b' }, /NUL/],
    [{ name: 'GOOD' }, /letter case/],
    [{ name: 'good' }, /twice/],
    [{ name: 'good/below' }, /no directory/],
    [{ name: 'dev', mode: 0o020_644 }, /neither a file/],
    [{ name: 'link', mode: LINK_MODE, content: '/etc/passwd' }, /leads out/],
    [{ name: 'link', mode: LINK_MODE, content: '../../x' }, /leads out/],
    [{ name: 'link', mode: LINK_MODE, content: 'x'.repeat(5_000) }, /too long/],
  ];
  for (const [entry, problem] of bad) {
    assert.match(await harness.refusal([{ name: 'good', content: 'x' }, entry]), problem, JSON.stringify(entry));
    await assert.rejects(stat(harness.at('')), { code: 'ENOENT' });
  }
});

test('X6: a link and what would be written through it are refused', async () => {
  await using harness = await UnpackHarness.open();
  const through = [
    { name: 'dir', mode: LINK_MODE, content: 'elsewhere' },
    { name: 'dir/file', content: 'x' },
  ];
  assert.match(await harness.refusal(through), /no directory/);
  assert.match(await harness.refusal(through.toReversed()), /twice/);
});

test('X6: bombs are refused: too many times its size, and one that lies about it', async () => {
  await using harness = await UnpackHarness.open();
  const zeros = Buffer.alloc(4 * 1024 * 1024);
  assert.match(await harness.refusal([{ name: 'zeros', content: zeros, deflate: true }]), /more than 100 times/);
  const liar = { name: 'zeros', content: zeros, deflate: true, uncompressedSize: 1_000 };
  assert.match(await harness.refusal([liar]), /cannot be read/);
});

test('what is no archive, or a damaged one, is refused', async () => {
  await using harness = await UnpackHarness.open();
  assert.match(await harness.refusal(Buffer.from('not a zip')), /cannot be read/);
  assert.match(await harness.refusal(Buffer.alloc(0)), /cannot be read/);
  const whole = zipOf([{ name: 'a', content: 'x'.repeat(1_000), deflate: true }]);
  assert.match(await harness.refusal(whole.subarray(20)), /cannot be read/);
});

test('X6: one flipped bit in the content of an archive is found, and it is refused', async () => {
  await using harness = await UnpackHarness.open();
  const archive = zipOf([{ name: 'a', content: 'hello world' }]);
  archive[archive.indexOf('hello')]! ^= 1;
  assert.match(await harness.refusal(archive), /does not have the checksum/);
});

test('X11: a directory that the archive does not name is writable for its owner only, whatever the umask', async () => {
  await using harness = await UnpackHarness.open();
  const before = process.umask(0);
  try {
    await harness.unpack(zipOf([{ name: 'a/b/c', content: 'x' }]));
  } finally {
    process.umask(before);
  }
  assert.equal((await stat(harness.at('a/b'))).mode & 0o777, 0o755);
});
