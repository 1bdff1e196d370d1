import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAmount, parseAmounts, parseDuration, parseInteger, parseSize, toSize } from './quantity.ts';

test('durations are read with their unit, and as seconds without', () => {
  const read = ['0', '90', '1.5', '200ms', '2s', '5m', '1.5h', '1d'].map(parseDuration);
  assert.deepEqual(read, [0, 90_000, 1_500, 200, 2_000, 300_000, 5_400_000, 86_400_000]);
  for (const wrong of ['', 'soon', '-1', '1 s', '1w', '1e3', '.5']) assert.throws(() => parseDuration(wrong), wrong);
});

test('sizes are read in powers of 1024', () => {
  assert.deepEqual(['7', '1k', '1.5M', '2GiB', '1tb'].map(parseSize), [7, 1024, 1_572_864, 2_147_483_648, 2 ** 40]);
  for (const wrong of ['', 'big', '-1', '1X', '1 G']) assert.throws(() => parseSize(wrong), wrong);
  assert.deepEqual([0, 1023, 1024, 1_572_864].map(toSize), ['0 bytes', '1023 bytes', '1.0 KiB', '1.5 MiB']);
});

test('amounts and integers are read whole or not at all', () => {
  assert.deepEqual(parseAmounts('tape=0.5', parseAmounts('a=b=2')), { 'a=b': 2, tape: 0.5 });
  for (const wrong of ['tape', '=1', 'tape=', 'tape=x']) assert.throws(() => parseAmounts(wrong), wrong);
  assert.deepEqual([parseAmount('0.25'), parseInteger('-5')], [0.25, -5]);
  for (const wrong of ['', '1.5', 'x', '+1']) assert.throws(() => parseInteger(wrong), wrong);
});
