import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { JobBoard } from './job-board.ts';
import { Retention } from './retention.ts';
import { exited, pending, started } from './testing/records.ts';

/** `lost`: the logs of jobs whose end nobody saw. */
function harness(finished: number, policy: { jobs: number; logBytes?: number }, lost: Record<string, number> = {}) {
  const board = new JobBoard(
    () => {},
    () => 0,
  );
  const revisionOf = (at: number) => at + 1;
  for (let at = 0; at < finished; at++)
    board.put({
      key: String(at),
      revision: revisionOf(at),
      value: pending({
        submissionId: String(at),
        status: 'FAILED',
        exit: String(at) in lost ? null : exited(1),
        process: started(),
        endedAtMs: at,
      }),
    });
  board.put({ key: 'open', revision: 1, value: pending({ submissionId: 'open' }) });
  const forgotten: string[] = [];
  let most = 0;
  let atOnce = 0;
  const retention = new Retention({
    board,
    policy: { logBytes: Number.MAX_SAFE_INTEGER, ageMs: null, ...policy },
    clock: new ManualClock(),
    logBytesOf: async (submissionId) => lost[submissionId] ?? 0,
    forget: async (submissionId) => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce -= 1;
      forgotten.push(submissionId);
      board.apply({ type: 'delete', table: 'jobs', key: submissionId, revision: 1_000_000 });
    },
  });
  return { board, retention, forgotten, most: () => most };
}

test('an unbounded job history, as Ray keeps it, cannot come about: what is too much is dealt with out of turn', async () => {
  const { board, retention, forgotten, most } = harness(2_500, { jobs: 1_000 });
  assert.equal(retention.isDue, true);
  await Promise.all([retention.run(), retention.run()]);
  assert.deepEqual([board.finishedCount, forgotten.length, new Set(forgotten).size], [1_000, 1_500, 1_500]);
  assert.equal(forgotten[0], '0');
  assert.ok(most() <= 100);
  assert.equal(board.get('open')?.status, 'PENDING');
  assert.equal(retention.isDue, false);
});

test('a few too many wait for their turn', () => {
  assert.equal(harness(1_500, { jobs: 1_000 }).retention.isDue, false);
});

test('the log of a job whose end nobody saw counts with the length that it has', async () => {
  const { retention, forgotten } = harness(3, { jobs: 1_000, logBytes: 1_000 }, { 1: 2_000 });
  await retention.run();
  assert.deepEqual(forgotten, ['0', '1']);
});
