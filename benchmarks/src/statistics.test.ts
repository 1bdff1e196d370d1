import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile, spread, sumOfRange, timesBetter } from './statistics.ts';

test('a median stands in the middle, between two for an even count, whatever the order given', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 2, 4, 8]), 6);
  assert.throws(() => median([]), { name: 'RangeError', message: 'Cannot take a quantile of no values' });
});

test('a quantile lies between the two values around it', () => {
  const hundredAndOne = Array.from({ length: 101 }, (_, i) => i);
  assert.equal(quantile(hundredAndOne, 0.99), 99);
  assert.equal(quantile([0, 10], 0.25), 2.5);
});

test('times better is above one for more where more is better, and for less where less is', () => {
  assert.equal(timesBetter(30, 10, 'higher'), 3);
  assert.equal(timesBetter(5, 50, 'lower'), 10);
});

test('the spread is the greatest over the least, and a range sums up', () => {
  assert.equal(spread([4, 2, 8]), 4);
  assert.equal(sumOfRange(1, 1000), 500_500);
  assert.equal(sumOfRange(5, 4), 0);
});
