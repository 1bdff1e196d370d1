import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endCauseOf } from './end-cause.ts';
import {
  driverExitCode,
  failedExitMessage,
  outcomeOfExit,
  outcomeOfFailedStart,
  outcomeOfLoss,
  outcomeOfRefusal,
} from './outcome.ts';

const exit = (code: number | null, signal: string | null = null) => ({ code, signal, endedAtMs: 5, logBytes: 9 });

const stop = { reason: 'stop', atMs: 9 } as const;

test('a code is a code and a death by signal N is -N, also where a shell would say 128 + N', () => {
  assert.equal(driverExitCode(exit(0)), 0);
  assert.equal(driverExitCode(exit(137)), 137);
  assert.equal(driverExitCode(exit(null, 'SIGKILL')), -9);
  assert.equal(driverExitCode(exit(null, 'SIGTERM')), -15);
  assert.equal(driverExitCode(null), null);
});

test('0 succeeds, anything else fails with a command error', () => {
  assert.equal(outcomeOfExit(undefined, exit(0)).status, 'SUCCEEDED');
  for (const ended of [exit(1), exit(255), exit(null, 'SIGSEGV')]) {
    const outcome = outcomeOfExit(undefined, ended);
    assert.equal(outcome.status, 'FAILED');
    assert.equal(outcome.errorType, 'JOB_ENTRYPOINT_COMMAND_ERROR');
    assert.equal(outcome.exit, ended);
  }
});

test('a stop request outranks every end that came after it, and the code is kept', () => {
  for (const ended of [exit(0), exit(3), exit(null, 'SIGTERM')]) {
    const outcome = outcomeOfExit(stop, ended);
    assert.equal(outcome.status, 'STOPPED');
    assert.equal(outcome.exit, ended);
  }
  assert.equal(outcomeOfFailedStart(stop, 'ENOENT').status, 'STOPPED');
  assert.equal(outcomeOfLoss(stop, false).status, 'STOPPED');
  assert.equal(outcomeOfLoss(stop, true).exit, null);
});

test('a time limit is the reason of an end that came after it, and not of one that came before', () => {
  const timeout = (atMs: number) =>
    endCauseOf({ stopRequestedAtMs: null, ending: { reason: 'timeout', atMs }, timeoutMs: 50 })!;
  const after = outcomeOfExit(timeout(5), exit(null, 'SIGTERM'));
  assert.deepEqual([after.status, after.errorType, after.exit?.signal], ['FAILED', 'JOB_TIMEOUT', 'SIGTERM']);
  assert.match(after.message ?? '', /timeoutMs of 50/);
  assert.equal(outcomeOfExit(timeout(6), exit(0)).status, 'SUCCEEDED');
  assert.equal(outcomeOfLoss(timeout(6), false).errorType, 'JOB_TIMEOUT');
  assert.equal(outcomeOfRefusal(timeout(6)).errorType, 'JOB_TIMEOUT');
});

test('a stop outranks a time limit, whichever was first', () => {
  const cause = endCauseOf({ stopRequestedAtMs: 8, ending: { reason: 'timeout', atMs: 5 }, timeoutMs: 50 });
  assert.equal(outcomeOfExit(cause, exit(0)).status, 'STOPPED');
});

test("a failure's message is Ray's, with and without log", () => {
  assert.equal(
    failedExitMessage(exit(7), 'err\n'),
    'Job entrypoint command failed with exit code 7, last available logs (truncated to 20,000 chars):\nerr\n',
  );
  assert.equal(failedExitMessage(exit(7), ''), 'Job entrypoint command failed with exit code 7. No logs available.');
  assert.match(failedExitMessage(exit(null, 'SIGKILL'), ''), /exit code -9\./);
});
