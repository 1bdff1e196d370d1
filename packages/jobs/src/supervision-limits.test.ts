/** Time limits, further attempts and shared fate, on a time of their own. The same with real jobs: `job-limits.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exited } from '@heddle/launcher';
import { withEnding } from './job-record.ts';
import { exited, NOW_MS, pending, running, started } from './testing/records.ts';
import { ATTEMPT, JOB, MARK, SupervisionHarness } from './testing/supervision-harness.ts';

const endedAt = (harness: SupervisionHarness, exit: Exited): Exited => ({ ...exit, endedAtMs: harness.clock.now() });
const isStopped = (harness: SupervisionHarness) => () =>
  harness.machine.ledger.some((line) => line.startsWith('stop '));

test('S10: an attempt that runs for longer than timeoutMs is ended like a stop, and is FAILED', async () => {
  await using harness = await SupervisionHarness.open(pending({ timeoutMs: 5_000, gracePeriodMs: 70 }));
  harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  await harness.until(isStopped(harness));
  assert.ok(harness.clock.now() >= started().startedAtMs + 5_000);
  assert.equal((await harness.record()).ending?.reason, 'timeout', 'durable before the signal');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(null, 'SIGTERM')));
  const { status, errorType, message, exit, stopReport } = await harness.untilOver();
  assert.deepEqual([status, errorType, exit?.signal], ['FAILED', 'JOB_TIMEOUT', 'SIGTERM']);
  assert.match(message, /timeoutMs of 5000/);
  assert.equal(stopReport?.signals.length, 1);
  assert.deepEqual(harness.machine.ledger, ['launch attempt_1', 'stop attempt_1 SIGTERM 70']);
});

test('S10: a time limit counts from the recorded start, whoever supervises', async () => {
  const record = running({ timeoutMs: 400 }); // The harness begins 490 ms after the start.
  await using harness = await SupervisionHarness.open(record);
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.supervise({ actorId: 'actor_2' });
  await harness.until(isStopped(harness));
  harness.machine.end(ATTEMPT, endedAt(harness, exited(null, 'SIGTERM')));
  assert.equal((await harness.untilOver()).errorType, 'JOB_TIMEOUT');
});

test('a job that ended by itself before its time was over keeps its own end', async () => {
  const record = withEnding(running({ timeoutMs: 400 }), 'timeout', NOW_MS + 400)!;
  await using harness = await SupervisionHarness.open(record);
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.machine.end(ATTEMPT, exited(0)); // At NOW_MS + 20, and nobody had looked.
  harness.supervise();
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
});

test('a job that is stopped while its time runs out is STOPPED, and no attempt follows', async () => {
  await using harness = await SupervisionHarness.open(pending({ timeoutMs: 1_000, maxRetries: 5 }));
  const supervision = harness.supervise();
  await harness.until(isStopped(harness));
  await harness.requestStop(supervision);
  harness.machine.end(ATTEMPT, endedAt(harness, exited(null, 'SIGTERM')));
  const { status, attempt } = await harness.untilOver();
  assert.deepEqual([status, attempt], ['STOPPED', 1]);
});

test('S10: a failed attempt is made again after a back-off, under an id and a mark of its own', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 2, retryDelayMs: 1_000 }));
  harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.marks.set(MARK, 1);
  harness.machine.end(ATTEMPT, endedAt(harness, exited(3)));

  const between = await harness.until(({ attempt }) => attempt === 2);
  assert.deepEqual([between.status, between.process, between.attemptId], ['RUNNING', null, 'attempt_1.2']);
  assert.match(between.message, /^Attempt 1 of 3 failed; attempt 2 begins 1 s after its end\. .*exit code 3/);
  const endMs = between.pastAttempts[0]!.endTime;
  assert.equal(between.retryAtMs, endMs + 1_000);

  const second = await harness.until(({ process, attempt }) => attempt === 2 && process !== null);
  assert.ok(harness.clock.now() >= endMs + 1_000);
  assert.deepEqual([second.retryAtMs, second.supervisorRestarts], [null, 0]);
  harness.machine.end('attempt_1.2', endedAt(harness, exited(4)));
  await harness.until(({ process, attempt }) => attempt === 3 && process !== null);
  harness.machine.end('attempt_1.3', endedAt(harness, exited(0)));

  const over = await harness.untilOver();
  assert.deepEqual([over.status, over.attempt, over.exit?.code], ['SUCCEEDED', 3, 0]);
  assert.deepEqual(
    over.pastAttempts.map(({ attempt, exitCode, errorType }) => [attempt, exitCode, errorType]),
    [
      [1, 3, 'JOB_ENTRYPOINT_COMMAND_ERROR'],
      [2, 4, 'JOB_ENTRYPOINT_COMMAND_ERROR'],
    ],
  );
  assert.deepEqual(harness.statuses, ['PENDING', 'RUNNING', 'SUCCEEDED']);
  assert.deepEqual(harness.settled, ['attempt_1', 'attempt_1.2', 'attempt_1.3']);
  assert.deepEqual(harness.machine.ledger, [
    'launch attempt_1',
    `kill ${MARK}`, // What the first attempt left, before the second begins.
    'launch attempt_1.2',
    `kill ${MARK}.2`,
    'launch attempt_1.3',
  ]);
});

test('the last attempt fails for good', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 1, retryDelayMs: 0 }));
  harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(3)));
  await harness.until(({ process, attempt }) => attempt === 2 && process !== null);
  harness.machine.end('attempt_1.2', endedAt(harness, exited(5)));
  const { status, exit, pastAttempts } = await harness.untilOver();
  assert.deepEqual([status, exit?.code, pastAttempts.length], ['FAILED', 5, 1]);
});

test('a command that cannot be started is tried again while the job stays PENDING', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 1 }));
  harness.machine.spawnFailure = 'EAGAIN';
  harness.supervise();
  const between = await harness.until(({ attempt }) => attempt === 2);
  assert.equal(between.status, 'PENDING');
  harness.machine.spawnFailure = undefined;
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
});

test('what was lost with its launcher is made again where retries say that once more is fine', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 1 }));
  harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.killLauncher();
  const second = await harness.until(({ process, attempt }) => attempt === 2 && process !== null);
  assert.equal(second.pastAttempts[0]?.errorType, 'JOB_PROCESS_LOST');
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
});

test('a supervisor that finds its job between two attempts waits out the rest of the back-off', async () => {
  const record = running({
    attempt: 2,
    attemptId: 'attempt_1.2',
    maxRetries: 1,
    retryDelayMs: 60_000,
    process: null,
    retryAtMs: NOW_MS + 1_500,
  });
  await using harness = await SupervisionHarness.open(record);
  harness.supervise();
  await harness.until(({ process }) => process !== null);
  const waitedMs = harness.clock.now() - (NOW_MS + 500);
  assert.ok(waitedMs >= 1_000 && waitedMs < 59_000, String(waitedMs));
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
});

test('a wall clock that was set back makes no back-off longer', async () => {
  const record = running({
    attempt: 2,
    attemptId: 'attempt_1.2',
    maxRetries: 1,
    process: null,
    retryAtMs: NOW_MS + 3_600_000,
  });
  await using harness = await SupervisionHarness.open(record);
  harness.supervise();
  await harness.until(({ process }) => process !== null);
  assert.ok(harness.clock.now() < NOW_MS + 60_000, String(harness.clock.now() - NOW_MS));
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
});

test('a stop between two attempts is the end, and nothing starts again', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 1, retryDelayMs: 60_000 }));
  const supervision = harness.supervise();
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(3)));
  await harness.until(({ attempt }) => attempt === 2);
  await harness.requestStop(supervision);
  assert.equal((await harness.untilOver()).status, 'STOPPED');
  assert.ok(!harness.machine.ledger.includes('launch attempt_1.2'));
});

test('two supervisors that both see to the next attempt start it once', async () => {
  await using harness = await SupervisionHarness.open(pending({ maxRetries: 1 }));
  harness.supervise({ actorId: 'actor_1' });
  harness.supervise({ actorId: 'actor_2' });
  await harness.until(({ status }) => status === 'RUNNING');
  harness.machine.end(ATTEMPT, endedAt(harness, exited(3)));
  await harness.until(({ process, attempt }) => attempt === 2 && process !== null);
  harness.machine.end('attempt_1.2', endedAt(harness, exited(0)));
  await harness.untilOver();
  assert.equal(harness.machine.ledger.filter((line) => line === 'launch attempt_1.2').length, 1);
});

test('S3: a job that shares its fate is ended by the supervisor that comes after the dead one', async () => {
  await using harness = await SupervisionHarness.open(running({ fateSharing: true, maxRetries: 3 }));
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.supervise({ actorId: 'actor_2' });
  await harness.until(isStopped(harness));
  harness.machine.end(ATTEMPT, endedAt(harness, exited(null, 'SIGTERM')));
  const { status, errorType, attempt } = await harness.untilOver();
  assert.deepEqual([status, errorType, attempt], ['FAILED', 'JOB_SUPERVISOR_ACTOR_DIED', 1]);
});

test('S3: a job that had ended by then keeps its own end', async () => {
  await using harness = await SupervisionHarness.open(running({ fateSharing: true }));
  await harness.machine.launch({ attemptId: ATTEMPT, jobId: JOB } as never);
  harness.machine.end(ATTEMPT, exited(0));
  harness.supervise({ actorId: 'actor_2' });
  assert.equal((await harness.untilOver()).status, 'SUCCEEDED');
});
