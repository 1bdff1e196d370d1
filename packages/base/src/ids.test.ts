import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountingIds, RandomIds } from './ids.ts';

test('a random id has its kind as prefix and 16 characters without look-alikes', () => {
  for (let i = 0; i < 1000; i++)
    assert.match(new RandomIds().next('raysubmit'), /^raysubmit_[2-9A-HJ-NP-Za-km-z]{16}$/);
});

test('counting ids count for each kind by itself', () => {
  const ids = new CountingIds();
  assert.deepEqual([ids.next('actor'), ids.next('task'), ids.next('actor')], ['actor_1', 'task_1', 'actor_2']);
});
