import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isTerminal, type JobStatus } from '@heddle/api';
import { createDeferred, ManualClock } from '@heddle/base';
import { type Gcs, openGcs } from '@heddle/gcs';
import { type JobRecord, withStopRequest } from './job-record.ts';
import { JOBS_TABLE, JobRecords } from './job-records.ts';
import { Supervision } from './supervision.ts';
import { FakeMachine } from './testing/fake-machine.ts';
import { exited, NOW_MS, pending, running, started } from './testing/records.ts';

const JOB = 'job_1';
const ATTEMPT = 'attempt_1';
const MARK = 'mark_1:attempt_1';
const LOOKS_MAX = 2_000;

/** One job in a table, a machine, and as many supervisions of it as a test wants, one after the other. */
class SupervisionHarness implements AsyncDisposable {
  readonly machine = new FakeMachine();
  readonly clock = new ManualClock(NOW_MS + 500);
  readonly records: JobRecords;
  readonly settled: string[] = [];
  readonly #gcs: Gcs;
  readonly #statuses: JobStatus[] = [];
  readonly #runs: Promise<void>[] = [];
  /** While set, the tables cannot be reached. */
  outage: Error | undefined;

  private constructor(gcs: Gcs) {
    this.#gcs = gcs;
    this.records = new JobRecords(gcs.table<JobRecord>(JOBS_TABLE));
  }

  static async open(record: JobRecord): Promise<SupervisionHarness> {
    const harness = new SupervisionHarness(await openGcs({ storage: 'memory' }));
    void harness.#follow();
    await harness.records.create(record);
    return harness;
  }

  /** Begins to supervise, as a new incarnation would. */
  supervise(options: { actorId?: string } = {}): Supervision {
    const supervision = new Supervision(
      { submissionId: JOB, attemptId: ATTEMPT, fresh: undefined },
      { identity: 'mark_1', logDirectory: '/nonexistent', inherited: {} },
      {
        actorId: options.actorId ?? 'actor_1',
        here: { bootId: 'boot_1', pidNamespace: 'pid:[1]' },
        clock: this.clock,
        records: () => {
          if (this.outage !== undefined) throw this.outage;
          return this.records;
        },
        launcher: () => this.machine,
        processes: this.machine.processes,
        settled: (attemptId) => this.settled.push(attemptId),
      },
    );
    this.#runs.push(supervision.run());
    return supervision;
  }

  async record(): Promise<JobRecord> {
    return (await this.records.get(JOB))!.value;
  }

  /** The record once it is in this state; the statuses on the way are in `statuses`. */
  async until(is: (record: JobRecord) => boolean): Promise<JobRecord> {
    for (let looks = 0; ; looks++) {
      const record = await this.record();
      if (is(record)) return record;
      assert.ok(looks < LOOKS_MAX, `as wanted, not ${JSON.stringify(record)}`);
      await setImmediate(); // Logs are read meanwhile.
      this.clock.advance(10); // Whoever waits out a failure waits by this clock.
    }
  }

  untilOver = () => this.until((record) => isTerminal(record.status));

  async requestStop(supervision?: Supervision): Promise<void> {
    await this.records.change(JOB, (record) => withStopRequest(record, NOW_MS + 100));
    await supervision?.stop();
  }

  get statuses(): readonly JobStatus[] {
    return this.#statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.untilOver();
    await Promise.all(this.#runs);
    assert.equal(this.clock.pendingTimers, 0, 'no supervision waits any more');
    await this.#gcs[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    for await (const change of this.#gcs.table<JobRecord>(JOBS_TABLE).watch())
      if (change.type === 'put' && this.#statuses.at(-1) !== change.value.status)
        this.#statuses.push(change.value.status);
  }
}

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
  harness.supervise();
  const { errorType, message } = await harness.untilOver();
  assert.equal(errorType, 'RUNTIME_ENV_SETUP_FAILURE');
  assert.match(message, /^runtime_env setup failed: /);
  assert.deepEqual(harness.machine.ledger, []);
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
