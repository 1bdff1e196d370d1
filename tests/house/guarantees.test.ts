/** `docs/semantics.md` has each guarantee of the runtime and of jobs once, and the tests that it leads to show it by number. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './source-tree.ts';

/** How many guarantees each letter has. */
const LETTERS = { A: 12, N: 5, F: 9, T: 11, S: 10 } as const;
const ALL = Object.entries(LETTERS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
);

interface Row {
  readonly number: string;
  readonly cells: readonly string[];
  /** The files it leads to, from the root. */
  readonly files: readonly string[];
}

const ROW = /^\| ([ANFTS]\d+) \|(.*)\|$/gm;
const LINK = /\]\(\.\.\/([^)]+)\)/g;

function readRows(docs: string): Row[] {
  const [guarantees = ''] = docs.split('\n## Differences');
  return [...guarantees.matchAll(ROW)].map(([, number, rest]) => {
    const cells = rest!.split('|').map((cell) => cell.trim());
    return { number: number!, cells, files: [...cells.at(-1)!.matchAll(LINK)].map((link) => link[1]!) };
  });
}

/** The numbers with which names of tests begin. */
const numbersIn = (text: string): string[] =>
  [...text.matchAll(/\btest\(\s*['"`]([ANFTS]\d+)\b/g)].map((match) => match[1]!);

const docs = await readFile(join(ROOT, 'docs/semantics.md'), 'utf8');

test('every guarantee has one row, with what Heddle does, what Ray does, and tests', () => {
  const rows = readRows(docs);
  assert.deepEqual(rows.map(({ number }) => number).sort(), [...ALL].sort());
  for (const { number, cells } of rows) {
    assert.equal(cells.length, 3, number);
    for (const cell of cells) assert.notEqual(cell, '', number);
  }
});

test('every row leads to files that have a test of its number', async () => {
  for (const { number, files } of readRows(docs)) {
    assert.notEqual(files.length, 0, number);
    for (const file of files) {
      const numbers = numbersIn(await readFile(join(ROOT, file), 'utf8'));
      assert.ok(numbers.includes(number), `${file} has no test of ${number}`);
    }
  }
});

test('every number with which a test begins is a guarantee', async () => {
  const paths = await Array.fromAsync(glob('{packages/*/src,tests}/**/*.test.ts', { cwd: ROOT }));
  assert.ok(paths.length > 50);
  const unknown: string[] = [];
  for (const path of paths) {
    const numbers = numbersIn(await readFile(join(ROOT, path), 'utf8'));
    for (const number of numbers) if (!ALL.includes(number)) unknown.push(`${path}: ${number}`);
  }
  assert.deepEqual(unknown, []);
});

test('a row and a number are found where they are planted', () => {
  const planted =
    '| A1 | ours | theirs | [a](../tests/a.test.ts), [b](../tests/b.test.ts) |\n\n## Differences\n| A2 | x | y | z |\n';
  assert.deepEqual(readRows(planted), [
    {
      number: 'A1',
      cells: ['ours', 'theirs', '[a](../tests/a.test.ts), [b](../tests/b.test.ts)'],
      files: ['tests/a.test.ts', 'tests/b.test.ts'],
    },
  ]);
  assert.deepEqual(numbersIn("test('T10 a', f);\n  test(\n    `N2 b`, f);\ntest('A guarantee', f);"), ['T10', 'N2']);
});
