import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDuration, toTime } from './duration.ts';

test('durations are told in the two units that matter', () => {
  const cases = [0, 340, 59_940, 61_000, 3_599_000, 7_260_000, 200_000_000, -5];
  assert.deepEqual(cases.map(toDuration), [
    '0.0 s',
    '0.3 s',
    '59.9 s',
    '1 min 1 s',
    '59 min 59 s',
    '2 h 1 min',
    '2 d 7 h',
    '0.0 s',
  ]);
});

test('times are in UTC, and what has not happened has none', () => {
  assert.equal(toTime(1_700_000_000_000), '2023-11-14 22:13:20Z');
  assert.equal(toTime(null), '');
});
