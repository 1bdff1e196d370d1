import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeRetention, type RetentionPolicy } from './retention-judge.ts';

const ALL: RetentionPolicy = { jobs: 1_000, logBytes: 1_000_000, ageMs: null };
const jobs = (...ends: [id: string, endedAtMs: number, logBytes?: number][]) =>
  ends.map(([submissionId, endedAtMs, logBytes = 0]) => ({ submissionId, endedAtMs, logBytes }));
const THREE = jobs(['b', 20, 5], ['a', 10, 5], ['c', 30, 5]);

test('within its limits a history keeps everything', () => {
  assert.deepEqual(judgeRetention(THREE, ALL, 1e15), []);
  assert.deepEqual(judgeRetention([], { jobs: 0, logBytes: 0, ageMs: 0 }, 0), []);
});

test('beyond the number, the bytes or the age, those that ended first go', () => {
  assert.deepEqual(judgeRetention(THREE, { ...ALL, jobs: 2 }, 100), ['a']);
  assert.deepEqual(judgeRetention(THREE, { ...ALL, jobs: 0 }, 100), ['a', 'b', 'c']);
  assert.deepEqual(judgeRetention(THREE, { ...ALL, logBytes: 14 }, 100), ['a']);
  assert.deepEqual(judgeRetention(THREE, { ...ALL, logBytes: 4 }, 100), ['a', 'b', 'c']);
  assert.deepEqual(judgeRetention(THREE, { ...ALL, ageMs: 80 }, 100), ['a', 'b']);
});

test('what is kept is within every limit, is the youngest, and nothing goes that could stay', () => {
  const anyJobs = fc.array(fc.record({ endedAtMs: fc.nat(50), logBytes: fc.nat(9) }), { maxLength: 20 });
  const anyPolicy = fc.record({ jobs: fc.nat(10), logBytes: fc.nat(40), ageMs: fc.option(fc.nat(60)) });
  fc.assert(
    fc.property(anyJobs, anyPolicy, (ended, policy) => {
      const all = ended.map((job, at) => ({ ...job, submissionId: String(at) }));
      const gone = new Set(judgeRetention(all, policy, 60));
      const fits = (kept: typeof all) =>
        kept.length <= policy.jobs &&
        kept.reduce((sum, job) => sum + job.logBytes, 0) <= policy.logBytes &&
        kept.every((job) => policy.ageMs === null || 60 - job.endedAtMs < policy.ageMs);
      const kept = all.filter((job) => !gone.has(job.submissionId));
      const dropped = all.filter((job) => gone.has(job.submissionId));
      assert.ok(fits(kept));
      for (const job of dropped) assert.ok(kept.every((other) => other.endedAtMs >= job.endedAtMs));
      const last = dropped.reduce<(typeof all)[number] | undefined>(
        (latest, job) => (latest === undefined || job.endedAtMs > latest.endedAtMs ? job : latest),
        undefined,
      );
      const isTied = dropped.filter((job) => job.endedAtMs === last?.endedAtMs).length > 1;
      if (last !== undefined && !isTied) assert.ok(!fits([...kept, last]));
    }),
  );
});
