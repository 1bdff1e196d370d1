import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JOB_ERROR_TYPES } from '@heddle/api';
import { attemptNumber, firstAttemptId, isPastAttempt, toAttemptId } from './attempt-id.ts';
import type { Outcome } from './outcome.ts';
import { backoffLeftMs, backoffMs, judgeRetry, RETRY_DELAY_MAX_MS, retryMessage } from './retry.ts';

const failed = (errorType: Outcome['errorType']): Outcome => ({
  status: 'FAILED',
  errorType,
  exit: null,
  message: 'It failed.',
});
const job = (attempt: number, maxRetries = 3) => ({ attempt, maxRetries, retryDelayMs: 1_000 });

test('a failed attempt is made again as often as maxRetries says', () => {
  const failure = failed('JOB_ENTRYPOINT_COMMAND_ERROR');
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => judgeRetry(job(attempt), failure)),
    [1_000, 2_000, 4_000, undefined],
  );
  assert.equal(judgeRetry(job(1, 0), failure), undefined);
});

test('the back-off doubles up to a limit', () => {
  assert.equal(backoffMs(job(7)), RETRY_DELAY_MAX_MS);
  assert.equal(backoffMs(job(2_000)), RETRY_DELAY_MAX_MS);
});

test('what was stopped, or would fail again for certain, is not made again', () => {
  assert.equal(judgeRetry(job(1), { ...failed(null), status: 'STOPPED' }), undefined);
  assert.equal(judgeRetry(job(1), { ...failed(null), status: 'SUCCEEDED' }), undefined);
  const retried = JOB_ERROR_TYPES.filter((errorType) => judgeRetry(job(1), failed(errorType)) !== undefined);
  assert.deepEqual(retried, [
    'JOB_ENTRYPOINT_COMMAND_START_ERROR',
    'JOB_ENTRYPOINT_COMMAND_ERROR',
    'JOB_TIMEOUT',
    'JOB_PROCESS_LOST',
    'JOB_HOST_RESTARTED',
  ]);
});

test('the record says which attempt failed and when the next begins', () => {
  assert.equal(
    retryMessage(job(2), 'It failed.'),
    'Attempt 2 of 4 failed; attempt 3 begins 2 s after its end. It failed.',
  );
});

test('the id of an attempt says which it is', () => {
  assert.deepEqual(
    [1, 2, 10].map((number) => toAttemptId('attempt_x.7', number)),
    ['attempt_x', 'attempt_x.2', 'attempt_x.10'],
  );
  assert.deepEqual([attemptNumber('attempt_x'), attemptNumber('attempt_x.10')], [1, 10]);
  assert.equal(firstAttemptId('attempt_x.10'), 'attempt_x');
  assert.ok(isPastAttempt('attempt_x', 'attempt_x.2') && isPastAttempt('attempt_x.9', 'attempt_x.10'));
  assert.ok(!isPastAttempt('attempt_x.2', 'attempt_x.2') && !isPastAttempt('attempt_y', 'attempt_x.2'));
});

test('the next attempt waits out its back-off, and no longer where the clock was set back', () => {
  const waiting = { ...job(2), retryAtMs: 5_000, stopRequestedAtMs: null };
  assert.deepEqual(
    [4_000, 4_999, 5_000, 9_000, 0].map((nowMs) => backoffLeftMs(waiting, nowMs)),
    [1_000, 1, 0, 0, 1_000],
  );
  assert.equal(backoffLeftMs({ ...waiting, retryAtMs: null }, 0), 0);
  assert.equal(backoffLeftMs({ ...waiting, stopRequestedAtMs: 1 }, 4_000), 0, 'a stop is not made to wait');
});
