import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipDirectory } from './package-zip.ts';

test('a directory gives the same archive whenever it holds the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-zip-'));
  try {
    await mkdir(join(directory, 'sub/empty'), { recursive: true });
    await mkdir(join(directory, '.git'));
    await writeFile(join(directory, '.git/HEAD'), 'x');
    await writeFile(join(directory, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(join(directory, 'sub/data'), 'x'.repeat(100_000));
    await symlink('run.sh', join(directory, 'link'));
    const one = await zipDirectory(directory);
    assert.match(one.name, /^_heddle_pkg_[0-9a-f]{32}\.zip$/);
    assert.ok(one.zip.length < 2_000, 'it is compressed');
    assert.ok(!Buffer.from(one.zip).includes('HEAD'));
    await utimes(join(directory, 'run.sh'), 1, 1);
    await writeFile(join(directory, '.git/HEAD'), 'y');
    assert.equal((await zipDirectory(directory)).name, one.name);
    await writeFile(join(directory, 'sub/data'), 'y');
    assert.notEqual((await zipDirectory(directory)).name, one.name);

    const socket = createServer().listen(join(directory, 'socket'));
    await new Promise((resolve) => socket.once('listening', resolve));
    await assert.rejects(zipDirectory(directory), { name: 'UsageError', message: /socket": it is neither/ });
    socket.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
