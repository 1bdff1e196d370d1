import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomIds } from '@heddle/base';
import { DirectoryInUseError, StateDirectoryError } from './errors.ts';
import { StateDirectory } from './state-directory.ts';

function tempDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-state-'));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('everything in a state directory is its owner’s alone, also where the directory was open to all', () => {
  using temp = tempDirectory();
  chmodSync(temp.directory, 0o755);
  using state = StateDirectory.open(temp.directory, randomIds);
  assert.equal(modeOf(state.paths.directory), '700');
  for (const entry of readdirSync(temp.directory, { withFileTypes: true }))
    assert.equal(modeOf(join(temp.directory, entry.name)), entry.isDirectory() ? '700' : '600', entry.name);
});

test('a directory keeps its identity', () => {
  using temp = tempDirectory();
  const identities = [0, 1].map(() => {
    using state = StateDirectory.open(join(temp.directory, 'made', 'deeper'), randomIds);
    return state.identity;
  });
  assert.match(identities[0]!, /^mark_\w{16}$/);
  assert.equal(identities[1], identities[0]);
});

test('a directory in use is refused, naming who uses it', () => {
  using temp = tempDirectory();
  using _first = StateDirectory.open(temp.directory, randomIds);
  assert.throws(
    () => StateDirectory.open(temp.directory, randomIds),
    (error: unknown) => error instanceof DirectoryInUseError && error.message.includes(`pid ${process.pid}`),
  );
});

test('a damaged identity is refused, not replaced: marks of living jobs carry it', () => {
  using temp = tempDirectory();
  const file = join(temp.directory, 'identity');
  writeFileSync(file, '');
  assert.throws(() => StateDirectory.open(temp.directory, randomIds), StateDirectoryError);
  assert.equal(readFileSync(file, 'utf8'), '');
  rmSync(file);
  using _state = StateDirectory.open(temp.directory, randomIds); // The refusal kept no lock.
});

test('what is no directory, and what belongs to another user, is refused', (context) => {
  using temp = tempDirectory();
  writeFileSync(join(temp.directory, 'file'), '');
  assert.throws(() => StateDirectory.open(join(temp.directory, 'file'), randomIds), StateDirectoryError);
  assert.throws(() => StateDirectory.open(join(temp.directory, 'file', 'below'), randomIds), StateDirectoryError);
  if (existsSync('/proc/self'))
    assert.throws(() => StateDirectory.open('/proc/nowhere', randomIds), StateDirectoryError);
  if (process.getuid?.() !== 0) return context.diagnostic('only root can give a directory away');
  chownSync(temp.directory, 12345, 12345);
  assert.throws(() => StateDirectory.open(temp.directory, randomIds), { message: /uid 12345/ });
});
