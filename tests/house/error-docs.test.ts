/** `docs/errors.md` has a row for every error code in the source, and no other. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { JOB_ERROR_TYPES } from '@heddle/api';
import { readPlanted } from './planted-tree.ts';
import { ROOT, readSourceTree, type SourceFile } from './source-tree.ts';

const CODE_OF_CLASS = /\breadonly code(?:: string)? = '([A-Z_]+)'/g;
/** The code of an answer that is not 200, where no error class stands behind it. */
const CODE_OF_ANSWER = /\bnew WireError\(\s*\d+,\s*'([A-Z_]+)'/g;
const CODE_IN_DOCS = /^\| `([A-Z_]+)` \|/gm;

const codesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);

const codesOf = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.filter((file) => !file.isTest).flatMap((file) => codesIn(file.text, pattern));

test('docs/errors.md and the source name the same error codes', async () => {
  const documented = codesIn(await readFile(join(ROOT, 'docs/errors.md'), 'utf8'), CODE_IN_DOCS);
  const files = await readSourceTree();
  const raised = new Set([...codesOf(files, CODE_OF_CLASS), ...codesOf(files, CODE_OF_ANSWER)]);
  assert.deepEqual(documented.sort(), [...raised].sort());
});

test('docs/errors.md says of every way in which a job fails what it means', async () => {
  const documented = codesIn(await readFile(join(ROOT, 'docs/errors.md'), 'utf8'), /^- `([A-Z_]+)`: ./gm);
  assert.deepEqual(documented.sort(), [...JOB_ERROR_TYPES].sort());
});

test('no two error classes share a code', async () => {
  const codes = codesOf(await readSourceTree(), CODE_OF_CLASS);
  assert.ok(codes.length > 20);
  assert.deepEqual(
    codes.filter((code, at) => codes.indexOf(code) !== at),
    [],
  );
});

test('a code is found in the source and in the table', async () => {
  const files = await readPlanted({
    'packages/base/src/errors.ts': `class A { readonly code: string = 'ONE'; }\nclass B { override readonly code = 'TWO'; }`,
    'packages/base/src/errors.test.ts': `class C { readonly code = 'THREE'; }`,
    'packages/server/src/answer.ts': `throw new WireError(404, 'FOUR', 'text');`,
  });
  assert.deepEqual(codesOf(files, CODE_OF_CLASS), ['ONE', 'TWO']);
  assert.deepEqual(codesOf(files, CODE_OF_ANSWER), ['FOUR']);
  assert.deepEqual(codesIn('| code |\n| --- |\n| `ONE` | `A` |\nSee `TWO`.', CODE_IN_DOCS), ['ONE']);
});
