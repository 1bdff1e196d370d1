/** Set-up commands, on a time of their own. With real processes: `runtime-env.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeferred } from '@heddle/base';
import type { Exited } from '@heddle/launcher';
import { withEnding } from './job-record.ts';
import { exited, NOW_MS, pending } from './testing/records.ts';
import { ATTEMPT, JOB, SupervisionHarness } from './testing/supervision-harness.ts';

const SET_UP = 'attempt_1.setup';
const record = (fields = {}) => pending({ runtimeEnv: { setup: 'make', setupTimeoutMs: 5_000 }, ...fields });
const endedAt = (harness: SupervisionHarness, exit: Exited): Exited => ({ ...exit, endedAtMs: harness.clock.now() });
const has = (harness: SupervisionHarness, line: string) => () => harness.machine.ledger.includes(line);

test('a set-up goes before the first attempt, once, and the job is PENDING meanwhile', async () => {
  await using harness = await SupervisionHarness.open(record({ maxRetries: 1, retryDelayMs: 0 }));
  harness.supervise();
  await harness.until(has(harness, `launch ${SET_UP}`));
  assert.equal((await harness.record()).status, 'PENDING');
  harness.machine.end(SET_UP, endedAt(harness, exited(0)));
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(1)));
  await harness.until(({ process, attempt }) => attempt === 2 && process !== null);
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
  assert.deepEqual(
    harness.machine.ledger.filter((line) => line.startsWith('launch')),
    [`launch ${SET_UP}`, `launch ${ATTEMPT}`, 'launch attempt_1.2'],
  );
  assert.deepEqual(harness.settled, [SET_UP, ATTEMPT, 'attempt_1.2']);
});

test('a set-up that fails is the end of the job, and no attempt is made', async () => {
  await using harness = await SupervisionHarness.open(record({ maxRetries: 3 }));
  harness.supervise();
  await harness.until(has(harness, `launch ${SET_UP}`));
  harness.machine.end(SET_UP, endedAt(harness, exited(2)));
  const { status, errorType, message, process } = await harness.untilOver();
  assert.deepEqual([status, errorType, process], ['FAILED', 'RUNTIME_ENV_SETUP_FAILURE', null]);
  assert.match(message, /^runtime_env setup failed: setup command failed with exit code 2\./);
  assert.ok(!harness.machine.ledger.includes(`launch ${ATTEMPT}`));
});

test('a set-up that takes too long is ended with its tree', async () => {
  await using harness = await SupervisionHarness.open(record({ gracePeriodMs: 70 }));
  harness.supervise();
  await harness.until(has(harness, `stop ${SET_UP} SIGTERM 70`));
  const { errorType, message } = await harness.untilOver();
  assert.equal(errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  assert.match(message, /longer than its setupTimeoutMs of 5000/);
});

test('a stop ends a set-up, and the attempt never starts', async () => {
  await using harness = await SupervisionHarness.open(record());
  const supervision = harness.supervise();
  await harness.until(has(harness, `launch ${SET_UP}`));
  await harness.requestStop(supervision);
  await harness.until(has(harness, `stop ${SET_UP} SIGTERM 3000`));
  assert.equal((await harness.untilOver()).status, 'STOPPED');
  assert.ok(!harness.machine.ledger.includes(`launch ${ATTEMPT}`));
});

test('a supervisor that comes later finds the set-up again, running or over', async () => {
  for (const isOver of [false, true]) {
    await using harness = await SupervisionHarness.open(record());
    await harness.machine.launch({ attemptId: SET_UP, jobId: JOB } as never);
    if (isOver) harness.machine.end(SET_UP, exited(0));
    harness.supervise({ actorId: 'actor_2' });
    if (!isOver) harness.machine.end(SET_UP, exited(0));
    await harness.until(({ status }) => status === 'RUNNING');
    harness.machine.end(ATTEMPT, exited(0));
    assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
    assert.equal(harness.machine.ledger.filter((line) => line === `launch ${SET_UP}`).length, 1);
  }
});

test('a set-up whose launcher died is not guessed about: what is left of it is killed, and the job has failed', async () => {
  await using harness = await SupervisionHarness.open(record());
  harness.supervise();
  await harness.until(has(harness, `launch ${SET_UP}`));
  harness.machine.killLauncher();
  const { errorType, message } = await harness.untilOver();
  assert.equal(errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  assert.match(message, /its end cannot be known/);
  assert.ok(harness.machine.ledger.includes(`kill mark_1:${SET_UP}`));
});

test('a start timeout that passes during the set-up ends both', async () => {
  const late = withEnding(record({ startTimeoutMs: 100 }), 'start-timeout', NOW_MS + 100)!;
  await using harness = await SupervisionHarness.open(late);
  await harness.machine.launch({ attemptId: SET_UP, jobId: JOB } as never);
  harness.supervise();
  assert.equal((await harness.untilOver()).errorType, 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT');
  assert.ok(harness.machine.ledger.includes(`stop ${SET_UP} SIGTERM 3000`));
});

test('a directory that goes while its attempt is claimed changes nothing: the launcher knows what it was asked', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.machine.claims = createDeferred();
  harness.supervise({ actorId: 'actor_1' });
  await harness.until(() => harness.machine.isClaimed(ATTEMPT));
  harness.workspace = { problem: 'it is gone' };
  harness.supervise({ actorId: 'actor_2' });
  harness.machine.claims.resolve();
  harness.machine.claims = undefined;
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(0)));
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
});
