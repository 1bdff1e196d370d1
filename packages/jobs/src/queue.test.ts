import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeQueue } from './queue.ts';

const waiting = (...ids: string[]) =>
  ids.map((submissionId) => ({ submissionId, held: submissionId.startsWith('held') }));

test('jobs start in the order of submission while places are free', () => {
  assert.deepEqual(judgeQueue(waiting('a', 'b', 'c'), 1, 3), ['a', 'b']);
  assert.deepEqual(judgeQueue(waiting('a', 'b', 'c'), 3, 3), []);
});

test('a held job takes no place and holds nobody back', () => {
  assert.deepEqual(judgeQueue(waiting('held1', 'a', 'held2', 'b'), 0, 2), ['a', 'b']);
});

test('never more run than may, and whoever starts was first in line', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.nat(20), fc.nat(20), (helds, running, max) => {
      const jobs = helds.map((held, at) => ({ submissionId: String(at), held }));
      const starting = judgeQueue(jobs, running, max);
      assert.ok(starting.length === 0 || running + starting.length <= max);
      const free = jobs.filter((job) => !job.held).map((job) => job.submissionId);
      assert.deepEqual(starting, free.slice(0, Math.max(0, max - running)));
    }),
  );
});
