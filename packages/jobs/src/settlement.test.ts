import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRecord } from './job-record.ts';
import type { Outcome } from './outcome.ts';
import { judgeSettlement, type Settlement } from './settlement.ts';
import { exited, NOW_MS, running, started } from './testing/records.ts';

const FACTS = { process: started(), stopReport: null, atMs: NOW_MS + 30 };
const failed = { status: 'FAILED', errorType: 'JOB_ENTRYPOINT_COMMAND_ERROR', exit: exited(3), message: 'no' } as const;
const stopped = { status: 'STOPPED', errorType: null, exit: exited(3), message: 'stopped' } as const;

const judge = (record: JobRecord, outcome: Outcome & { readonly message: string } = failed): Settlement =>
  judgeSettlement(record, 'attempt_1', outcome, FACTS);

function written(settlement: Settlement): JobRecord {
  assert.equal(settlement.verdict, 'write');
  return (settlement as Extract<Settlement, { verdict: 'write' }>).record;
}

test('the end of the last attempt is the end of the job', () => {
  const { status, endedAtMs, process } = written(judge(running()));
  assert.deepEqual([status, endedAtMs, process], ['FAILED', exited(3).endedAtMs, started()]);
});

test('while retries are left another attempt follows, and the status stays', () => {
  const { status, attempt, process } = written(judge(running({ maxRetries: 1 })));
  assert.deepEqual([status, attempt, process], ['RUNNING', 2, null]);
});

test('an outcome that does not know of a durable stop request is not written', () => {
  for (const maxRetries of [0, 1])
    assert.deepEqual(judge(running({ stopRequestedAtMs: 5, maxRetries })), { verdict: 'look-again' });
  assert.equal(written(judge(running({ stopRequestedAtMs: 5 }), stopped)).status, 'STOPPED');
});

test('an attempt that is past, and a job that is over, are left as they are', () => {
  assert.deepEqual(judge(running({ attemptId: 'attempt_1.2' })), { verdict: 'leave' });
  for (const stopRequestedAtMs of [null, 5])
    assert.deepEqual(judge(running({ status: 'SUCCEEDED', stopRequestedAtMs })), { verdict: 'leave' });
});
