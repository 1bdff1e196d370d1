import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driverExitCode, failedExitMessage, outcomeOfExit, outcomeOfFailedStart, outcomeOfLoss } from './outcome.ts';

const exit = (code: number | null, signal: string | null = null) => ({ code, signal, endedAtMs: 5, logBytes: 9 });

test('a code is a code and a death by signal N is -N, also where a shell would say 128 + N', () => {
  assert.equal(driverExitCode(exit(0)), 0);
  assert.equal(driverExitCode(exit(137)), 137);
  assert.equal(driverExitCode(exit(null, 'SIGKILL')), -9);
  assert.equal(driverExitCode(exit(null, 'SIGTERM')), -15);
  assert.equal(driverExitCode(null), null);
});

test('0 succeeds, anything else fails with a command error', () => {
  assert.equal(outcomeOfExit(false, exit(0)).status, 'SUCCEEDED');
  for (const ended of [exit(1), exit(255), exit(null, 'SIGSEGV')]) {
    const outcome = outcomeOfExit(false, ended);
    assert.equal(outcome.status, 'FAILED');
    assert.equal(outcome.errorType, 'JOB_ENTRYPOINT_COMMAND_ERROR');
    assert.equal(outcome.exit, ended);
  }
});

test('a stop request outranks every end that came after it, and the code is kept', () => {
  for (const ended of [exit(0), exit(3), exit(null, 'SIGTERM')]) {
    const outcome = outcomeOfExit(true, ended);
    assert.equal(outcome.status, 'STOPPED');
    assert.equal(outcome.exit, ended);
  }
  assert.equal(outcomeOfFailedStart(true, 'ENOENT').status, 'STOPPED');
  assert.equal(outcomeOfLoss(true, false).status, 'STOPPED');
  assert.equal(outcomeOfLoss(true, true).exit, null);
});

test("a failure's message is Ray's, with and without log", () => {
  assert.equal(
    failedExitMessage(exit(7), 'err\n'),
    'Job entrypoint command failed with exit code 7, last available logs (truncated to 20,000 chars):\nerr\n',
  );
  assert.equal(failedExitMessage(exit(7), ''), 'Job entrypoint command failed with exit code 7. No logs available.');
  assert.match(failedExitMessage(exit(null, 'SIGKILL'), ''), /exit code -9\./);
});
