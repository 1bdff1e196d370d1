import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { randomBytes } from './random-bytes.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a process of its own says of 400 draws of 16 bytes: how many differ, and whether `crypto` was loaded. */
function draw(...flags: string[]): { different: number; hasCrypto: boolean; first: string } {
  const module = fileURLToPath(new URL('./random-bytes.ts', import.meta.url));
  const program = `
    const { randomBytes } = await import(${JSON.stringify(module)});
    const drawn = Array.from({ length: 400 }, () => Buffer.from(randomBytes(16)).toString('hex'));
    const hasCrypto = process.moduleLoadList.includes('NativeModule internal/crypto/webcrypto');
    console.log(JSON.stringify({ different: new Set(drawn).size, hasCrypto, first: drawn[0] }));`;
  return JSON.parse(
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], { encoding: 'utf8' }),
  );
}

test('bytes are given once, also where one pool ends and the next begins', () => {
  const drawn = Array.from({ length: 500 }, (_, at) => textOf(randomBytes(16 + (at % 7))));
  assert.deepEqual(
    drawn.filter((text, at) => text.length !== 2 * (16 + (at % 7))),
    [],
  );
  assert.equal(new Set(drawn).size, 500);
});

test('a process draws without loading crypto where the system lets it, and two draw different bytes', {
  skip: process.platform === 'win32',
}, () => {
  const [one, other] = [draw(), draw('--random-seed=1')];
  assert.deepEqual([one.different, one.hasCrypto, other.different, other.hasCrypto], [400, false, 400, false]);
  assert.notEqual(one.first, other.first);
});

test('a process that may not read the file draws from crypto', () => {
  const folder = fileURLToPath(new URL('../../..', import.meta.url));
  const { different, hasCrypto } = draw('--permission', `--allow-fs-read=${folder}*`);
  assert.deepEqual([different, hasCrypto], [400, true]);
});
