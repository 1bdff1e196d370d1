import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canBecome, isTerminal, JOB_STATUSES, type JobStatus } from './job-status.ts';

test('no edge leaves a terminal status, and every other status can end', () => {
  for (const from of JOB_STATUSES) {
    const next = JOB_STATUSES.filter((to) => canBecome(from, to));
    assert.equal(next.length === 0, isTerminal(from), from);
    if (!isTerminal(from)) assert.ok(next.some(isTerminal), from);
  }
});

test('a life never comes back to a status that it has left', () => {
  const anySteps = fc.array(fc.constantFrom(...JOB_STATUSES), { maxLength: 10 });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const life: JobStatus[] = ['PENDING'];
      for (const to of steps) if (canBecome(life.at(-1)!, to)) life.push(to);
      assert.equal(new Set(life).size, life.length);
      assert.ok(life.slice(0, -1).every((status) => !isTerminal(status)));
    }),
  );
});

test("the statuses are named in the order of a job's life", () => {
  assert.deepEqual(JOB_STATUSES, ['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']);
});
