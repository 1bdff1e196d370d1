import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFields, toTable } from './table.ts';

const columns = [
  { title: 'ID', value: (row: readonly string[]) => row[0]! },
  { title: 'TEXT', value: (row: readonly string[]) => row[1]!, isFlexible: true },
  { title: 'END', value: (row: readonly string[]) => row[2]! },
];
const rows = [
  ['a', 'x'.repeat(40), '1'],
  ['long-id', '\u001b[31mred\u001b[39m', '22'],
];
const plain = (text: string) => text;

test('cells stand in columns, colours aside, without spaces at the end', () => {
  const lines = toTable(columns, rows, undefined, plain);
  assert.equal(lines[0], `ID       TEXT${' '.repeat(38)}END`);
  assert.equal(lines[1], `a        ${'x'.repeat(40)}  1`);
  assert.equal(lines[2], `long-id  \u001b[31mred\u001b[39m${' '.repeat(39)}22`);
});

test('a flexible column gives way on a narrow page, and no other', () => {
  const lines = toTable(columns, rows, 30, plain);
  assert.equal(lines[1], `a        ${'x'.repeat(15)}…  1`);
  assert.ok(lines.every((line) => line.length <= 30 || line.includes('\u001b')));
  assert.equal(toTable(columns, rows, 5, plain)[1], `a        ${'x'.repeat(11)}…  1`);
});

test('a table without rows is its titles', () => {
  assert.deepEqual(toTable(columns, [], 80, plain), ['ID  TEXT  END']);
});

test('fields stand under each other', () => {
  assert.deepEqual(
    toFields(
      [
        ['id', 'a'],
        ['status', ''],
      ],
      plain,
    ),
    ['id      a', 'status'],
  );
});
