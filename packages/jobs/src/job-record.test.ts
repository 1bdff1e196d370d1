import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTerminal, type JobStatus } from '@heddle/api';
import fc from 'fast-check';
import {
  type JobRecord,
  withEnding,
  withNextAttempt,
  withOutcome,
  withProcess,
  withSetUp,
  withStopRequest,
} from './job-record.ts';
import type { Outcome } from './outcome.ts';
import { exited, NOW_MS, pending, started } from './testing/records.ts';

const outcome = (fields: Partial<Outcome>): Outcome & { message: string } => ({
  status: 'FAILED',
  errorType: 'JOB_ENTRYPOINT_COMMAND_ERROR',
  exit: exited(1),
  ...fields,
  message: 'It failed.',
});
const FACTS = { process: null, stopReport: null, atMs: NOW_MS + 30 };

type Change = (record: JobRecord) => JobRecord | undefined;
const CHANGES: Readonly<Record<string, Change>> = {
  start: (record) => withProcess(record, started(), 'actor_1', 0),
  stop: (record) => withStopRequest(record, NOW_MS + 5),
  'time out': (record) => withEnding(record, 'timeout', NOW_MS + 6),
  'start late': (record) => withEnding(record, 'start-timeout', NOW_MS + 7),
  'set up': (record) => withSetUp(record, NOW_MS + 8),
  retry: (record) => withNextAttempt(record, outcome({}), FACTS),
  succeed: (record) => withOutcome(record, outcome({ status: 'SUCCEEDED', errorType: null, exit: exited(0) }), FACTS),
  fail: (record) => withOutcome(record, outcome({}), FACTS),
  'be stopped': (record) => withOutcome(record, outcome({ status: 'STOPPED', errorType: null, exit: null }), FACTS),
};
const ORDER: Readonly<Record<JobStatus, number>> = { PENDING: 0, RUNNING: 1, STOPPED: 2, SUCCEEDED: 2, FAILED: 2 };

/** Every record that these changes lead through. */
function history(names: readonly string[], maxRetries: number): JobRecord[] {
  const records = [pending({ maxRetries })];
  for (const name of names) {
    const next = CHANGES[name]!(records.at(-1)!);
    if (next !== undefined) records.push(next);
  }
  return records;
}

const anyChanges = fc.array(fc.constantFrom(...Object.keys(CHANGES)), { maxLength: 20 });

test('S6: whatever is tried, a status only goes forward, and nothing changes a record that is over', () => {
  fc.assert(
    fc.property(anyChanges, fc.nat(3), (names, maxRetries) => {
      const records = history(names, maxRetries);
      for (const [at, record] of records.entries()) {
        if (at > 0) assert.ok(ORDER[record.status] >= ORDER[records[at - 1]!.status]);
        if (isTerminal(record.status)) assert.equal(at, records.length - 1, 'the first terminal status stands');
      }
    }),
  );
});

test('S6: a job is RUNNING only with a process, or between two attempts', () => {
  fc.assert(
    fc.property(anyChanges, fc.nat(3), (names, maxRetries) => {
      for (const { status, process, attempt, retryAtMs, pastAttempts } of history(names, maxRetries)) {
        if (status === 'PENDING') assert.equal(process, null);
        if (status !== 'RUNNING') continue;
        const isBetween = attempt > 1 && retryAtMs !== null && pastAttempts.length > 0;
        assert.notEqual(process !== null, isBetween);
      }
    }),
  );
});

test('no more attempts are made than were asked for, none after a stop, and each has an id of its own', () => {
  fc.assert(
    fc.property(anyChanges, fc.nat(3), (names, maxRetries) => {
      const records = history(names, maxRetries);
      const ids = new Set(records.map((record) => record.attemptId));
      const last = records.at(-1)!;
      assert.ok(last.attempt <= maxRetries + 1);
      assert.equal(ids.size, last.attempt);
      const stoppedAt = records.findIndex((record) => record.stopRequestedAtMs !== null);
      if (stoppedAt >= 0) assert.equal(records[stoppedAt]!.attempt, last.attempt);
    }),
  );
});

test('of many past attempts the latest are remembered', () => {
  const names = Array.from({ length: 15 }, () => ['start', 'retry']).flat();
  const last = history(names, 100).at(-1)!;
  assert.deepEqual([last.attempt, last.pastAttempts.length, last.pastAttempts[0]!.attempt], [16, 10, 6]);
});
