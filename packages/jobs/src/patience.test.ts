import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAfterFailureMs, pauseAfterTurnMs } from './patience.ts';

test('a launcher that died is looked after at once, and one that dies again like any failure', () => {
  assert.deepEqual(
    [1, 2].map((failures) => pauseAfterFailureMs(failures, true)),
    [0, 200],
  );
});

test('failures are put off for longer and longer, up to a limit', () => {
  const pauses = [1, 2, 6, 7, 2_000].map((failures) => pauseAfterFailureMs(failures, false));
  assert.deepEqual(pauses, [100, 200, 3_200, 5_000, 5_000]);
});

test('five turns may decide nothing final before the next is put off', () => {
  const pauses = [1, 5, 6, 7].map(pauseAfterTurnMs);
  assert.deepEqual(pauses, [0, 0, 100, 200]);
});
