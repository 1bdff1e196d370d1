import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summary, type WorkloadResult } from '../runner.ts';
import { bestPeer, figure, markdownTable, textTable, verdict } from './table.ts';

const plain = { bold: (text: string) => text, dim: (text: string) => text };

const result: WorkloadResult = {
  name: 'round-trip',
  group: 'calls',
  title: 'one call at a time',
  unit: 'µs per call',
  better: 'lower',
  target: '≥ 10 × bare',
  rounds: 3,
  arms: [
    { arm: 'bare', side: 'light', value: 40, timesLight: 1 },
    { arm: 'heddle', side: 'heddle', value: 4, timesLight: 10, p99Us: 12.34 },
    { arm: 'slow', side: 'peer', value: 80, timesLight: 0.5 },
    { arm: 'quick', side: 'peer', value: 20, timesLight: 2 },
    { arm: 'gone', side: 'peer', unavailable: 'not available in this build: x|y' },
    { arm: 'broken', side: 'peer', failure: 'Cannot measure\nmore' },
  ],
};

test('an arm is summed up by medians of everything its rounds found', () => {
  const { value, p99Us, points, notes } = summary({ name: 'heddle', side: 'heddle' }, [
    { value: 1, p99Us: 10, points: [[1, 5]], notes: { ms: 3 } },
    { value: 9, p99Us: 30, points: [[1, 7]], notes: { ms: 1 } },
    { value: 2, p99Us: 20, points: [[1, 6]], notes: { ms: 2 } },
  ]);
  assert.deepEqual({ value, p99Us, points, notes }, { value: 2, p99Us: 20, points: [[1, 6]], notes: { ms: 2 } });
});

test('the verdict compares with the speed of light and with the best peer that has a figure', () => {
  assert.equal(bestPeer(result)?.arm, 'quick');
  assert.equal(verdict(result), 'heddle: 10 × bare, 5 × the best peer (quick); target: ≥ 10 × bare');
});

test('a table has a line for every arm, also for one without a figure', () => {
  const text = textTable(result, plain);
  for (const { arm } of result.arms) assert.match(text, new RegExp(`^  ${arm} `, 'm'));
  assert.match(text, /broken +failed: Cannot measure$/m);
});

test('every row of a Markdown table has as many cells as its head', () => {
  const rows = markdownTable(result)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const cells = (line: string) => line.split(/(?<!\\)\|/).length;
  assert.equal(rows.length, result.arms.length + 2);
  for (const row of rows) assert.equal(cells(row), cells(rows[0]!), row);
});

test('a figure has three digits that count', () => {
  assert.deepEqual([0.01234, 3.456, 45.67, 1234567.8].map(figure), ['0.0123', '3.46', '45.7', '1,234,568']);
});
