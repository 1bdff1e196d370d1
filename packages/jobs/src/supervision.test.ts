import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createDeferred } from '@heddle/base';
import { exited, pending, running, started } from './testing/records.ts';
import { ATTEMPT, JOB, MARK, SupervisionHarness } from './testing/supervision-harness.ts';

test('a job is launched, is RUNNING, ends and is settled', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.supervise();
  const record = await harness.until(({ status }) => status === 'RUNNING');
  assert.equal(record.supervisorActorId, 'actor_1');
  assert.equal(record.supervisorRestarts, 0);
  assert.deepEqual(record.process, started());

  harness.machine.end(ATTEMPT, exited(0));
  const over = await harness.untilOver();
  assert.deepEqual([over.status, over.endedAtMs], ['SUCCEEDED', exited(0).endedAtMs]);
  assert.deepEqual(harness.statuses, ['PENDING', 'RUNNING', 'SUCCEEDED']);
  assert.deepEqual(harness.machine.ledger, ['launch attempt_1']);
  assert.deepEqual(harness.settled, [ATTEMPT]);
});

test('a job that cannot be spawned has failed to start, and never was RUNNING', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.machine.spawnFailure = 'spawn nosuch ENOENT';
  harness.supervise();
  const { errorType, message } = await harness.untilOver();
  assert.equal(errorType, 'JOB_ENTRYPOINT_COMMAND_START_ERROR');
  assert.match(message, /ENOENT/);
  assert.deepEqual(harness.statuses, ['PENDING', 'FAILED']);
});

test('a job whose package is missing fails before anything runs', async () => {
  const runtimeEnv = { workingDir: 'gcs://_ray_pkg_0123456789abcdef.zip' };
  await using harness = await SupervisionHarness.open(pending({ runtimeEnv }));
  harness.workspace = { problem: 'Package gcs://_ray_pkg_0123456789abcdef.zip does not exist' };
  harness.supervise();
  const { errorType, message } = await harness.untilOver();
  assert.equal(errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  assert.match(message, /^runtime_env setup failed: /);
  assert.deepEqual(harness.machine.ledger, ['refuse attempt_1']);
});

test('row 1: a stop request that came first is made final by a refusal, and nothing runs', async () => {
  await using harness = await SupervisionHarness.open(pending({ stopRequestedAtMs: 5 }));
  harness.supervise();
  const { status, exit } = await harness.untilOver();
  assert.deepEqual([status, exit], ['STOPPED', null]);
  assert.deepEqual(harness.machine.ledger, ['refuse attempt_1']);
});

test('row 2: a claimed attempt is waited for, not launched again', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.machine.claims = createDeferred();
  harness.supervise({ actorId: 'actor_1' });
  harness.supervise({ actorId: 'actor_2' });
  assert.equal((await harness.record()).status, 'PENDING');
  harness.machine.claims.resolve();
  harness.machine.claims = undefined;
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, exited(0));
  await harness.untilOver();
  assert.deepEqual(harness.machine.ledger, ['launch attempt_1']);
});

test('row 2: a stop of a claimed attempt waits for its start and then stops it', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.machine.claims = createDeferred();
  const supervision = harness.supervise();
  await harness.requestStop(supervision);
  harness.machine.claims.resolve();
  await harness.until(
    () =>
      harness.machine.ledger.some((line) => line.startsWith('stop')) ||
      harness.machine.ledger.includes('refuse attempt_1'),
  );
  if (harness.machine.ledger.includes('launch attempt_1')) harness.machine.end(ATTEMPT, exited(null, 'SIGTERM'));
  assert.equal((await harness.untilOver()).status, 'STOPPED');
});

test('row 4: a new supervisor adopts the process and keeps its start time', async () => {
  await using harness = await SupervisionHarness.open(pending());
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.supervise({ actorId: 'actor_2' });
  const adopted = await harness.until(({ status }) => status === 'RUNNING');
  assert.equal(adopted.process?.startedAtMs, started().startedAtMs);
  harness.machine.end(ATTEMPT, exited(4));
  assert.equal((await harness.untilOver()).exit?.code, 4);
  assert.deepEqual(harness.machine.ledger, ['launch attempt_1']);
});

test('each new supervisor of a running job is counted once', async () => {
  await using harness = await SupervisionHarness.open(running());
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.supervise({ actorId: 'actor_2' });
  await harness.until((record) => record.supervisorActorId === 'actor_2' && record.supervisorRestarts === 1);
  harness.supervise({ actorId: 'actor_3' });
  await harness.until((record) => record.supervisorActorId === 'actor_3' && record.supervisorRestarts === 2);
  harness.machine.end(ATTEMPT, exited(0));
});

test('row 5: an end that nobody watched is told with its code, by way of RUNNING', async () => {
  await using harness = await SupervisionHarness.open(pending());
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.machine.end(ATTEMPT, exited(0));
  harness.supervise();
  const over = await harness.untilOver();
  assert.deepEqual([over.status, over.endedAtMs], ['SUCCEEDED', exited(0).endedAtMs]);
  assert.deepEqual(harness.statuses, ['PENDING', 'RUNNING', 'SUCCEEDED']);
});

test('row 6: leftovers are killed after the terminal status', async () => {
  await using harness = await SupervisionHarness.open(running());
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.machine.end(ATTEMPT, exited(0));
  harness.machine.marks.set(MARK, 1);
  const supervision = harness.supervise();
  await supervision.takenUp;
  assert.ok(harness.machine.ledger.includes(`kill ${MARK}`));
  assert.equal((await harness.record()).status, 'SUCCEEDED');
});

test('rows 7 and 8: a launcher that dies loses the job, and what is left of it is killed', async () => {
  for (const left of [2, 0]) {
    await using harness = await SupervisionHarness.open(pending());
    harness.supervise();
    await harness.until(({ status }) => status === 'RUNNING');
    if (left > 0) harness.machine.marks.set(MARK, left);
    harness.machine.killLauncher();
    const { status, errorType, exit, endedAtMs } = await harness.untilOver();
    assert.deepEqual([status, errorType, exit], ['FAILED', 'JOB_PROCESS_LOST', null]);
    assert.ok(endedAtMs !== null);
    assert.equal(harness.machine.ledger.includes(`kill ${MARK}`), left > 0);
  }
});

test('row 9: a job of another boot is FAILED and nothing is signalled', async () => {
  const process = started({ bootId: 'boot_0' });
  await using harness = await SupervisionHarness.open(running({ process }));
  harness.machine.marks.set(MARK, 1);
  harness.supervise();
  assert.equal((await harness.untilOver()).errorType, 'JOB_HOST_RESTARTED');
  assert.deepEqual(harness.machine.ledger, []);
});

test('row 10: a stop that was under way goes on with its signal and grace', async () => {
  const record = running({ stopRequestedAtMs: 5, stopSignal: 'SIGINT', gracePeriodMs: 70 });
  await using harness = await SupervisionHarness.open(record);
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.supervise();
  await harness.until(() => harness.machine.ledger.includes('stop attempt_1 SIGINT 70'));
  harness.machine.end(ATTEMPT, exited(null, 'SIGINT'));
  const { status, exit, stopReport } = await harness.untilOver();
  assert.deepEqual([status, exit?.signal], ['STOPPED', 'SIGINT']);
  assert.deepEqual(stopReport?.survivors, []);
});

test('a stop of a running job signals it, and STOPPED keeps its code', async () => {
  await using harness = await SupervisionHarness.open(pending());
  const supervision = harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  await harness.requestStop(supervision);
  await harness.until(() => harness.machine.ledger.includes('stop attempt_1 SIGTERM 3000'));
  assert.equal((await harness.record()).status, 'RUNNING');
  harness.machine.end(ATTEMPT, exited(0));
  const { status, exit } = await harness.untilOver();
  assert.deepEqual([status, exit?.code], ['STOPPED', 0]);
});

test('an exit that races a durable stop request is STOPPED, though nobody told the supervisor', async () => {
  await using harness = await SupervisionHarness.open(pending());
  harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  await harness.requestStop();
  harness.machine.marks.set(MARK, 1);
  harness.machine.end(ATTEMPT, exited(3));
  const { status, exit } = await harness.untilOver();
  assert.deepEqual([status, exit?.code], ['STOPPED', 3]);
  assert.ok(harness.machine.ledger.includes(`kill ${MARK}`), 'the rest of the tree is gone before STOPPED is shown');
});

test('tables that cannot be reached are waited for, and nothing is decided meanwhile', async () => {
  await using harness = await SupervisionHarness.open(pending());
  const supervision = harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  harness.outage = new Error('no tables');
  harness.machine.killLauncher(); // Makes it look again.
  while (supervision.health.failures < 3) {
    harness.clock.advance(1000);
    await setImmediate();
  }
  assert.match(supervision.health.lastFailure ?? '', /no tables/);
  assert.equal((await harness.record()).status, 'RUNNING');
  harness.outage = undefined;
  assert.equal((await harness.untilOver()).errorType, 'JOB_PROCESS_LOST');
  assert.equal(supervision.health.failures, 0);
});

test('a supervisor of an older attempt touches nothing', async () => {
  await using harness = await SupervisionHarness.open(pending({ attemptId: 'attempt_2' }));
  const supervision = harness.supervise();
  await supervision.takenUp;
  assert.deepEqual(harness.machine.ledger, []);
  await harness.records.change(JOB, (record) => ({ ...record, status: 'FAILED' }));
});
