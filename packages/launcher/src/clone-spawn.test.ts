import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ASSEMBLY, CODE } from './clone-code.ts';

const hasAssembler = ['as', 'objcopy'].every((tool) => spawnSync(tool, ['--version']).status === 0);
const canAssemble = hasAssembler && process.platform === 'linux' && process.arch === 'x64';

test('the machine code is what an assembler makes of the text beside it', {
  skip: canAssemble ? false : 'there is no assembler for it here',
}, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-assembly-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [object, code] = [join(directory, 'object'), join(directory, 'code')];
  const text = `.intel_syntax noprefix\n.text\n${ASSEMBLY}\n`;
  const assembled = spawnSync('as', ['--64', '-o', object, '-'], { input: text, encoding: 'utf8' });
  assert.equal(assembled.stderr, '');
  assert.equal(spawnSync('objcopy', ['-O', 'binary', '-j', '.text', object, code]).status, 0);
  assert.equal(CODE.toString('hex'), readFileSync(code, 'hex'));
  assert.ok(CODE.length > 200);
});
