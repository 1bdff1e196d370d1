/**
 * One test for each row of the recovery table, on a real directory: the state is made as a daemon that died would
 * have left it, with the tables and the launcher used directly, and then a manager is opened.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGcs } from '@heddle/gcs';
import { type AttemptReport, LauncherClient, type Started } from '@heddle/launcher';
import { type JobRecord, newJobRecord, withProcess, withStopRequest } from './job-record.ts';
import { JOBS_TABLE } from './job-records.ts';
import { toLaunchRequest } from './launch-request.ts';
import { statePathsOf } from './state-directory.ts';
import { eventually, type HarnessOptions, isAlive, JobsHarness } from './testing/jobs-harness.ts';
import { request, started } from './testing/records.ts';

/** Of this run alone: a run beside it, of another checkout, would take our processes for its orphans. */
const IDENTITY = `mark_recovery_${process.pid}`;

/** A directory as a dead daemon leaves it. */
class Remains implements AsyncDisposable {
  readonly directory: string;
  readonly launcher: LauncherClient;
  readonly #records: JobRecord[] = [];

  private constructor(directory: string, launcher: LauncherClient) {
    this.directory = directory;
    this.launcher = launcher;
  }

  static async make(directory: string): Promise<Remains> {
    const paths = statePathsOf(directory);
    mkdirSync(paths.logs, { mode: 0o700 });
    writeFileSync(join(directory, 'identity'), `${IDENTITY}\n`, { mode: 0o600 });
    return new Remains(directory, await LauncherClient.open({ directory: paths.launcher, idleMs: 300 }));
  }

  /** A PENDING record; nothing is done about it yet. */
  pending(submissionId: string, entrypoint: JobRecord['entrypoint'], gracePeriodMs = 200): JobRecord {
    const asked = request({ submissionId, entrypoint, workingDirectory: '/', gracePeriodMs });
    return newJobRecord(asked, `attempt_${submissionId}`, Date.parse('2026-01-01'));
  }

  launch(record: JobRecord): Promise<Started> {
    const { logs } = statePathsOf(this.directory);
    const inherited = { PATH: process.env.PATH };
    const settings = { identity: IDENTITY, logDirectory: logs, inherited };
    const workspace = { directory: record.workingDirectory, isAsked: false };
    return this.launcher.launch(toLaunchRequest(record, settings, workspace, false));
  }

  /** Puts a record where the next manager finds it. */
  keep(record: JobRecord): void {
    this.#records.push(record);
  }

  output(submissionId: string): Promise<string> {
    return readFile(join(statePathsOf(this.directory).logs, `${submissionId}.log`), 'utf8');
  }

  async killLauncher(): Promise<void> {
    process.kill(this.launcher.pid, 'SIGKILL');
    await this.launcher.closed;
  }

  /** Everything is on disk and the daemon is gone; the launcher, if it lives, goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.launcher[Symbol.asyncDispose]();
    await using gcs = await openGcs({ storage: 'sqlite', file: statePathsOf(this.directory).database });
    const table = gcs.table<JobRecord>(JOBS_TABLE);
    for (const record of this.#records) await table.put(record.submissionId, record);
  }
}

const runningNow = (record: JobRecord, process: Started): JobRecord => withProcess(record, process, 'actor_gone', 0)!;
const stopRequested = (record: JobRecord): JobRecord => withStopRequest(record, Date.parse('2026-01-02'))!;

/** Opens a manager over what `leave` leaves. */
function recover(leave: (remains: Remains) => Promise<void>, options: HarnessOptions = {}): Promise<JobsHarness> {
  return JobsHarness.open(options, async (directory) => {
    await using remains = await Remains.make(directory);
    await leave(remains);
  });
}

test('row 1: a PENDING job without a claim is queued in its old order, with a stop request STOPPED', async () => {
  await using harness = await recover(
    async (remains) => {
      for (const id of ['first', 'second', 'third']) remains.keep(remains.pending(id, 'true'));
      remains.keep(stopRequested(remains.pending('stopped', 'echo ran')));
    },
    { maxRunningJobs: 1 },
  );
  assert.deepEqual([harness.manager.stats().recovered.queued, harness.manager.stats().recovered.settled], [3, 1]);
  assert.equal((await harness.info('stopped')).status, 'STOPPED');
  assert.equal(await harness.manager.getJobLogs('stopped'), '');
  const starts: number[] = [];
  for (const id of ['first', 'second', 'third']) {
    const { status, startTime } = await harness.untilOver(id);
    assert.equal(status, 'SUCCEEDED');
    starts.push(startTime!);
  }
  assert.deepEqual(starts, starts.toSorted());
});

test('records that an earlier version wrote, before there were priorities, limits and attempts, are taken over', async () => {
  await using harness = await recover(async (remains) => {
    const older = (record: JobRecord): JobRecord => {
      const { priority, timeoutMs, startTimeoutMs, maxRetries, retryDelayMs, fateSharing, ...rest } = record;
      const { setUpAtMs, retryAtMs, pastAttempts, ending, ...old } = rest;
      return old as JobRecord;
    };
    remains.keep(older(remains.pending('waits', 'exit 3')));
    const begun = remains.pending('runs', 'sleep 0.3; exit 4');
    remains.keep(older(runningNow(begun, await remains.launch(begun))));
    remains.keep(older(stopRequested(remains.pending('stopped', 'true'))));
  });
  assert.equal((await harness.untilOver('waits')).exitCode, 3);
  assert.equal((await harness.untilOver('runs')).exitCode, 4);
  assert.equal((await harness.untilOver('stopped')).status, 'STOPPED');
  const { attempt, maxRetries, pastAttempts, timeoutMs } = await harness.info('runs');
  assert.deepEqual([attempt, maxRetries, pastAttempts, timeoutMs], [1, 0, [], null]);
});

test('row 2: a claimed attempt is not launched again', async () => {
  let launching: Promise<Started> | undefined;
  await using harness = await recover(async (remains) => {
    const record = remains.pending('claimed', 'echo once; exit 3');
    remains.keep(record);
    launching = remains.launch(record); // Claimed by the launcher before this daemon goes.
    launching.catch(() => {});
    await remains.launcher.reports();
  });
  assert.equal((await harness.untilOver('claimed')).exitCode, 3);
  assert.equal(await harness.output('claimed'), 'once\n');
});

test('row 3: a spawn that failed is a start error', async () => {
  await using harness = await recover(async (remains) => {
    const record = remains.pending('unstartable', ['/no/such/program']);
    remains.keep(record);
    await assert.rejects(remains.launch(record));
  });
  const { status, errorType } = await harness.info('unstartable');
  assert.deepEqual([status, errorType], ['FAILED', 'JOB_ENTRYPOINT_COMMAND_START_ERROR']);
  assert.equal(harness.manager.stats().recovered.settled, 1);
});

test('row 4: a process that runs is adopted, its start time kept, its log unbroken', async () => {
  const facts = new Map<string, Started>();
  await using harness = await recover(async (remains) => {
    for (const id of ['seen', 'unseen']) {
      const record = remains.pending(
        id,
        `echo a; while [ ! -e ${remains.directory}/go ]; do sleep 0.02; done; echo b; exit 4`,
      );
      facts.set(id, await remains.launch(record));
      remains.keep(id === 'seen' ? runningNow(record, facts.get(id)!) : record);
    }
  });
  const { recovered } = harness.manager.stats();
  assert.equal(recovered.adopted, 2, JSON.stringify([recovered, await harness.manager.listJobs()]));
  for (const [id, { pid, startedAtMs }] of facts) {
    const info = await harness.info(id);
    assert.deepEqual([info.status, info.driverPid, info.startTime], ['RUNNING', pid, startedAtMs]);
  }
  await writeFile(join(harness.directory, 'go'), '');
  for (const id of facts.keys()) {
    assert.equal((await harness.untilOver(id)).exitCode, 4);
    assert.equal(await harness.output(id), 'a\nb\n');
  }
});

test('S8: a stop that came to its end while there was no daemon is told with who got which signal', async () => {
  await using harness = await recover(async (remains) => {
    const record = remains.pending('stopped', 'sleep 1000');
    const running = runningNow(record, await remains.launch(record));
    await remains.launcher.stop(record.attemptId, { signal: 'SIGTERM', graceMs: 10_000 });
    remains.keep(stopRequested(running));
  });
  const { status, signal, driverPid, stopReport } = await harness.info('stopped');
  assert.deepEqual([status, signal], ['STOPPED', 'SIGTERM']);
  assert.deepEqual(stopReport?.signals[0], { pid: -driverPid!, signal: 'SIGTERM' });
  assert.deepEqual(stopReport?.survivors, []);
});

test('row 5: an exit is told from the journal, with its exact code or signal and its own end time', async () => {
  const exits = new Map<string, AttemptReport>();
  const commands = { none: ['true'], code: 'exit 6', signal: ['/bin/sh', '-c', 'kill -SEGV $$'], stopped: 'exit 7' };
  await using harness = await recover(async (remains) => {
    for (const [id, entrypoint] of Object.entries(commands)) {
      const record = remains.pending(id, entrypoint);
      const running = runningNow(record, await remains.launch(record));
      await remains.launcher.exited(record.attemptId);
      exits.set(id, (await remains.launcher.report(record.attemptId))!);
      remains.keep(id === 'stopped' ? stopRequested(running) : id === 'none' ? record : running);
    }
  });
  const all = await Promise.all(Object.keys(commands).map((id) => harness.info(id)));
  assert.deepEqual(
    all.map(({ submissionId, status, exitCode, signal }) => [submissionId, status, exitCode, signal]),
    [
      ['none', 'SUCCEEDED', 0, null],
      ['code', 'FAILED', 6, null],
      ['signal', 'FAILED', null, 'SIGSEGV'],
      ['stopped', 'STOPPED', 7, null],
    ],
  );
  for (const { submissionId, endTime } of all) assert.equal(endTime, exits.get(submissionId)!.exited!.endedAtMs);
  assert.equal(harness.manager.stats().recovered.settled, 4);
});

test('row 6: leftovers of a job that ended are killed', async () => {
  let leftover = 0;
  await using harness = await recover(async (remains) => {
    const record = remains.pending('leaves', `setsid sleep 1000 & echo $!`);
    const running = runningNow(record, await remains.launch(record));
    await remains.launcher.exited(record.attemptId);
    leftover = Number((await remains.output('leaves')).trim().split('\n').at(-1));
    remains.keep(running);
  });
  assert.ok(leftover > 0);
  assert.equal((await harness.info('leaves')).status, 'SUCCEEDED');
  await eventually(
    () => !isAlive(leftover),
    () => 'the leftover dies',
  );
});

test('row 7: what is left without its launcher is killed, and the job is lost', async () => {
  const pids: number[] = [];
  await using harness = await recover(async (remains) => {
    for (const id of ['running', 'pending']) {
      const record = remains.pending(id, 'setsid sleep 1000 & sleep 1000');
      const process = await remains.launch(record);
      pids.push(process.pid);
      remains.keep(id === 'running' ? runningNow(record, process) : record);
    }
    await remains.killLauncher();
    assert.ok(pids.every(isAlive));
  });
  assert.equal(harness.manager.stats().recovered.lost, 2);
  for (const id of ['running', 'pending']) {
    const { status, errorType, exitCode, signal } = await harness.info(id);
    assert.deepEqual([status, errorType, exitCode, signal], ['FAILED', 'JOB_PROCESS_LOST', null, null]);
  }
  assert.ok(!pids.some(isAlive));
});

test('row 8: the same where nothing is alive', async () => {
  await using harness = await recover(async (remains) => {
    const record = remains.pending('dead', 'sleep 1000');
    const process_ = await remains.launch(record);
    remains.keep(runningNow(record, process_));
    await remains.killLauncher();
    process.kill(process_.pid, 'SIGKILL');
    await eventually(
      () => !isAlive(process_.pid),
      () => 'the job dies unseen',
    );
  });
  const { status, errorType, exitCode } = await harness.info('dead');
  assert.deepEqual([status, errorType, exitCode], ['FAILED', 'JOB_PROCESS_LOST', null]);
});

test('row 9: a job of another boot, or of another pid namespace, is FAILED and nothing is signalled', async () => {
  const innocent = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
  await once(innocent, 'spawn');
  await using harness = await recover(async (remains) => {
    const { bootId, pidNamespace } = await remains.launch(remains.pending('here', ['true']));
    const reused = { pid: innocent.pid! }; // In this boot the number is somebody else's.
    remains.keep(runningNow(remains.pending('boot', 'x'), started({ ...reused, bootId: 'another', pidNamespace })));
    remains.keep(runningNow(remains.pending('space', 'x'), started({ ...reused, bootId, pidNamespace: 'pid:[1]' })));
  });
  for (const id of ['boot', 'space']) assert.equal((await harness.info(id)).errorType, 'JOB_HOST_RESTARTED');
  assert.equal(harness.manager.stats().recovered.lost, 2);
  assert.ok(isAlive(innocent.pid!));
  innocent.kill('SIGKILL');
  await once(innocent, 'exit');
});

test('row 10: a stop that was asked for goes on to STOPPED', async () => {
  await using harness = await recover(async (remains) => {
    const command = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done";
    const record = remains.pending('stopping', command, 30_000);
    const running = runningNow(record, await remains.launch(record));
    await eventually(
      async () => (await remains.output('stopping')).endsWith('ready\n'),
      () => 'the handler is set',
    );
    remains.keep(stopRequested(running));
  });
  const { status, exitCode } = await harness.untilOver('stopping');
  assert.deepEqual([status, exitCode], ['STOPPED', 5]);
});

test('row 10: without its launcher too, and no code is invented', async () => {
  let pid = 0;
  await using harness = await recover(async (remains) => {
    const record = remains.pending('stopping', 'sleep 1000');
    const process = await remains.launch(record);
    ({ pid } = process);
    remains.keep(stopRequested(runningNow(record, process)));
    await remains.killLauncher();
  });
  const { status, exitCode, signal } = await harness.info('stopping');
  assert.deepEqual([status, exitCode, signal], ['STOPPED', null, null]);
  assert.equal(isAlive(pid), false);
});

test('row 11: marked processes whose job is over or unknown are killed and counted', async () => {
  const pids: number[] = [];
  await using harness = await recover(async (remains) => {
    for (const id of ['over', 'unknown']) {
      const record = remains.pending(id, ['sleep', '1000']);
      pids.push((await remains.launch(record)).pid);
      if (id === 'over') remains.keep({ ...record, status: 'STOPPED' });
    }
  });
  assert.ok(!pids.some(isAlive));
  const { leftovers, unrecorded, killed, survivors } = harness.manager.stats().orphans;
  assert.deepEqual([leftovers, unrecorded, killed, survivors], [1, 1, 2, 0]);
});
