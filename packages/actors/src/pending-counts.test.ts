import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PendingCounts } from './pending-counts.ts';

test('each caller has a count of its own, which it finds again', () => {
  const counts = new PendingCounts();
  for (const [caller, calls] of [[undefined, 2] as const, [1, 3] as const, [2, 1] as const])
    for (let call = 0; call < calls; call++) counts.of(caller).pending++;
  assert.deepEqual(
    [undefined, 1, 2, 3].map((caller) => counts.of(caller).pending),
    [2, 3, 1, 0],
  );
});

test('a caller whose calls are settled is forgotten, unless it called last', () => {
  const counts = new PendingCounts();
  const many = Array.from({ length: 100 }, (_, caller) => {
    const count = counts.of(caller);
    count.pending++;
    return count;
  });
  counts.of(undefined);
  assert.equal(counts.size, 101);
  for (const count of many) counts.settled(count);
  assert.equal(counts.size, 1);
  for (let caller = 0; caller < 100; caller++) counts.of(caller);
  assert.equal(counts.size, 1);
});

test('a count that was settled while another caller was the latest starts at nothing again', () => {
  const counts = new PendingCounts();
  const first = counts.of(1);
  first.pending++;
  counts.of(2).pending++;
  counts.settled(first);
  assert.equal(counts.of(1).pending, 0);
  assert.equal(counts.of(2).pending, 1);
});
