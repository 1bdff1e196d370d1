import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobStatus } from '@heddle/api';
import { JobBoard } from './job-board.ts';
import { judgeOrphans } from './orphans.ts';
import { pending } from './testing/records.ts';

function boardOf(jobs: Record<string, JobStatus>): JobBoard {
  const board = new JobBoard(
    () => {},
    () => 0,
  );
  for (const [submissionId, status] of Object.entries(jobs))
    board.put({
      key: submissionId,
      revision: 1,
      value: pending({ submissionId, status, attemptId: `attempt_${submissionId}` }),
    });
  return board;
}

const judge = (
  jobs: Record<string, JobStatus>,
  marks: string[],
  supervised: string[],
  waiting: string[] = [],
  nowMs = 10_000,
) => {
  const orphans = judgeOrphans({
    jobs: boardOf(jobs),
    processes: marks.map((mark) => ({ mark })),
    supervisors: supervised.map((submissionId) => ({ submissionId })),
    isWaiting: (submissionId) => waiting.includes(submissionId),
    toAttemptId: (mark) => (mark.startsWith('mark_1:') ? mark.slice('mark_1:'.length) : undefined),
    nowMs,
    graceMs: 5000,
  });
  return {
    leftovers: orphans.leftovers.map((process) => process.mark),
    unrecorded: orphans.unrecorded.map((process) => process.mark),
    supervisors: orphans.supervisors.map((supervisor) => supervisor.submissionId),
    unsupervised: orphans.unsupervised,
  };
};

const none = { leftovers: [], unrecorded: [], supervisors: [], unsupervised: [] };

test('what belongs together is left alone', () => {
  assert.deepEqual(judge({ a: 'RUNNING', b: 'PENDING' }, ['mark_1:attempt_a'], ['a'], ['b']), none);
});

test('S5: a process of a job that is over is an orphan, but not in the moment of its end', () => {
  const over = { a: 'SUCCEEDED' } as const;
  assert.deepEqual(judge(over, ['mark_1:attempt_a'], []), { ...none, leftovers: ['mark_1:attempt_a'] });
  assert.deepEqual(judge(over, ['mark_1:attempt_a'], ['a'], [], 4_999), none);
});

test('S5: a mark without a record is an orphan, also that of an earlier attempt under the same id', () => {
  assert.deepEqual(judge({ a: 'RUNNING' }, ['mark_1:attempt_x'], ['a']), { ...none, unrecorded: ['mark_1:attempt_x'] });
});

test('a supervisor whose job is over or unknown is an orphan', () => {
  assert.deepEqual(judge({ a: 'FAILED' }, [], ['a', 'b']), { ...none, supervisors: ['a', 'b'] });
});

test('S5: a job without the supervisor it needs is found', () => {
  assert.deepEqual(judge({ a: 'RUNNING', b: 'PENDING', c: 'STOPPED' }, [], []), { ...none, unsupervised: ['a', 'b'] });
});

test('a process of a past attempt is killed at once, one of an attempt that is not known yet is left alone', () => {
  const marks = ['mark_1:attempt_a', 'mark_1:attempt_a.2', 'mark_1:attempt_a.3'];
  const facts = (attemptId: string) => {
    const board = new JobBoard(
      () => {},
      () => 0,
    );
    board.put({ key: 'a', revision: 1, value: pending({ submissionId: 'a', status: 'RUNNING', attemptId }) });
    return judgeOrphans({
      jobs: board,
      processes: marks.map((mark) => ({ mark })),
      supervisors: [{ submissionId: 'a' }],
      isWaiting: () => false,
      toAttemptId: (mark) => mark.slice('mark_1:'.length),
      nowMs: 0,
      graceMs: 5000,
    });
  };
  assert.deepEqual(facts('attempt_a').leftovers, []);
  assert.deepEqual(facts('attempt_a.2').leftovers, [{ mark: 'mark_1:attempt_a' }]);
  assert.deepEqual(facts('attempt_a.2').unrecorded, []);
});
