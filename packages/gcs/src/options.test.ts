import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConnectOptions, resolveGcsOptions } from './options.ts';

test('options are filled with their defaults', () => {
  const common = { pendingMax: 65_536, valueLengthMax: 4_194_304, changeLogMax: 10_000 };
  assert.deepEqual(resolveGcsOptions({ storage: 'memory' }), { storage: 'memory', ...common });
  assert.deepEqual(resolveGcsOptions({ storage: 'sqlite', file: 'f' }), {
    storage: 'sqlite',
    file: 'f',
    fileBytesMax: 4 * 2 ** 30,
    ...common,
  });
});

test('a wrong option is refused and quoted', () => {
  const refuse = (options: unknown, message: RegExp) =>
    assert.throws(() => resolveGcsOptions(options as never), { message });
  refuse({ storage: 'disk' }, /^Cannot open tables with storage "disk": expected one of "memory", "sqlite"$/);
  refuse({ storage: 'memory', file: 'f' }, /with option "file"/);
  refuse({ storage: 'sqlite' }, /with file undefined/);
  refuse({ storage: 'memory', changeLogMax: 0 }, /with changeLogMax 0: expected an integer of 1 or more/);
  refuse(undefined, /with options undefined/);
  assert.throws(() => resolveConnectOptions({ pendingMax: 0 }), RangeError);
});
