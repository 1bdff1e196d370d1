import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { InvalidSubmissionIdError } from '@heddle/api';
import { createDeferred } from '@heddle/base';
import {
  DirectoryInUseError,
  JobAlreadyExistsError,
  JobManagerClosedError,
  JobNotFoundError,
  JobNotTerminalError,
} from './errors.ts';
import { JobManager } from './job-manager.ts';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';

test('S9: a shell job runs to its end, and its record and log say so', async () => {
  await using harness = await JobsHarness.open();
  const command = 'echo out; echo err >&2; pwd; exit 0';
  const id = await harness.submit(command, {
    submissionId: 'mine',
    workingDirectory: '/usr',
    metadata: { owner: 'me' },
  });
  assert.equal(id, 'mine');
  const info = await harness.untilOver(id);
  assert.deepEqual(
    [info.status, info.exitCode, info.signal, info.driverExitCode, info.errorType],
    ['SUCCEEDED', 0, null, 0, null],
  );
  assert.equal(info.message, 'Job finished successfully.');
  assert.deepEqual(info.metadata, { owner: 'me' });
  assert.ok(info.submittedAtMs <= info.startTime! && info.startTime! <= info.endTime!);
  assert.match(info.supervisorActorId ?? '', /^actor_/);
  const log = await harness.manager.getJobLogs(id);
  assert.equal(log, `Running entrypoint for job mine: ${command}\nout\nerr\n/usr\n`);
  assert.equal(await harness.output(id), 'out\nerr\n/usr\n');
  assert.equal(info.logBytes, Buffer.byteLength(log));
});

test('a job that fails says its code and its last lines', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; exit 7');
  const info = await harness.untilOver(id);
  assert.deepEqual(
    [info.status, info.exitCode, info.driverExitCode, info.errorType],
    ['FAILED', 7, 7, 'JOB_ENTRYPOINT_COMMAND_ERROR'],
  );
  const lines = Array.from({ length: 10 }, (_, at) => `line ${at + 3}\n`).join('');
  assert.equal(
    info.message,
    `Job entrypoint command failed with exit code 7, last available logs (truncated to 20,000 chars):\n${lines}`,
  );
});

test('a list is executed without a shell, and its death by signal is told from a code', async () => {
  await using harness = await JobsHarness.open();
  const exact = await harness.submit(['printf', '%s|', '$HOME', 'a b', '']);
  const killed = await harness.submit(['/bin/sh', '-c', 'kill -KILL $$']);
  const shell = await harness.submit("sh -c 'kill -KILL $$'; exit $?");
  await harness.untilOver(exact);
  assert.equal(await harness.output(exact), '$HOME|a b||');
  const death = await harness.untilOver(killed);
  assert.deepEqual([death.exitCode, death.signal, death.driverExitCode], [null, 'SIGKILL', -9]);
  assert.match(death.message, /exit code -9\. No logs available\./);
  const code = await harness.untilOver(shell);
  assert.deepEqual([code.exitCode, code.signal, code.driverExitCode], [137, null, 137]);
});

test('a job sees the allow-list, what it asked for and its mark, and nothing else of the daemon', async () => {
  const environment = { PATH: process.env.PATH, HOME: '/nowhere', HEDDLE_TOKEN: 'secret', GIVEN: '1' };
  await using harness = await JobsHarness.open({ environment, passEnv: ['GIVEN'] });
  const id = await harness.submit('env', { runtimeEnv: { envVars: { LR: '0.1', WHERE: '$HOME/x' } } });
  await harness.untilOver(id);
  const env = new Map(
    (await harness.output(id))
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s, 2) as [string, string]),
  );
  assert.equal(env.get('LR'), '0.1');
  assert.equal(env.get('WHERE'), '/nowhere/x');
  assert.equal(env.get('GIVEN'), '1');
  assert.equal(env.get('HEDDLE_JOB_ID'), id);
  assert.match(env.get('HEDDLE_JOB_MARK') ?? '', new RegExp(`^${await harness.identity()}:attempt_`));
  assert.equal(JSON.parse(env.get('RAY_JOB_CONFIG_JSON_ENV_VAR')!).metadata.job_submission_id, id);
  for (const name of ['HEDDLE_TOKEN', 'NODE_OPTIONS', 'NODE_CHANNEL_FD']) assert.equal(env.has(name), false, name);
});

test('a job that cannot be started says why', async () => {
  await using harness = await JobsHarness.open();
  const noProgram = await harness.submit(['/no/such/program']);
  const noDirectory = await harness.submit('true', { workingDirectory: '/no/such/directory' });
  for (const id of [noProgram, noDirectory]) {
    const info = await harness.untilOver(id);
    assert.deepEqual([info.status, info.errorType], ['FAILED', 'JOB_ENTRYPOINT_COMMAND_START_ERROR'], id);
    assert.equal(info.startTime, null);
    const header = await harness.manager.getJobLogs(id);
    assert.match(header, /^Running entrypoint for job [^\n]+\n$/);
    assert.equal(info.logBytes, header.length);
  }
});

test('S7: a taken id is refused, and of two who claim it at once exactly one wins and runs', async () => {
  await using harness = await JobsHarness.open();
  const ledger = `${harness.directory}/ledger`;
  const claims = await Promise.allSettled(
    Array.from({ length: 8 }, () => harness.submit(`echo start >> ${ledger}`, { submissionId: 'same' })),
  );
  assert.equal(claims.filter((claim) => claim.status === 'fulfilled').length, 1);
  for (const claim of claims) if (claim.status === 'rejected') assert.ok(claim.reason instanceof JobAlreadyExistsError);
  await harness.untilOver('same');
  await assert.rejects(harness.submit('true', { submissionId: 'same' }), JobAlreadyExistsError);
  assert.equal(await harness.submit('true', { submissionId: 'same', ifNotExists: true }), 'same');
  assert.equal(await readFile(ledger, 'utf8'), 'start\n');
});

test('unknown and impossible ids are told apart by name', async () => {
  await using harness = await JobsHarness.open();
  const { manager } = harness;
  await assert.rejects(manager.getJobInfo('nobody'), JobNotFoundError);
  await assert.rejects(manager.stopJob('nobody'), JobNotFoundError);
  await assert.rejects(manager.deleteJob('nobody'), JobNotFoundError);
  await assert.rejects(manager.getJobLogs('nobody'), JobNotFoundError);
  await assert.rejects(manager.tailJobLogs('nobody').next(), JobNotFoundError);
  await assert.rejects(harness.submit('true', { submissionId: '../x' }), InvalidSubmissionIdError);
  assert.deepEqual(await manager.listJobs(), []);
});

test('a start signal holds a job in PENDING and holds back nobody else', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 1 });
  const signal = createDeferred();
  const held = await harness.submit('echo ran', { startSignal: signal.promise });
  const other = await harness.submit('true');
  await harness.untilOver(other);
  assert.equal((await harness.info(held)).status, 'PENDING');
  assert.equal(await harness.manager.getJobLogs(held), '');
  signal.resolve();
  await harness.untilOver(held);
  assert.equal(await harness.output(held), 'ran\n');
});

test('S8: a PENDING job that is stopped never starts', async () => {
  await using harness = await JobsHarness.open();
  const signal = createDeferred();
  const held = await harness.submit('echo ran', { startSignal: signal.promise });
  assert.equal(await harness.manager.stopJob(held), true);
  const info = await harness.untilOver(held);
  assert.deepEqual([info.status, info.message, info.startTime], ['STOPPED', 'Job was intentionally stopped.', null]);
  signal.resolve();
  assert.equal(await harness.manager.stopJob(held), false);
  assert.equal(await harness.manager.getJobLogs(held), '');
});

test('S10: at most maxRunningJobs run, in the order of submission', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 2 });
  const ledger = `${harness.directory}/ledger`;
  const ids: string[] = [];
  for (let at = 0; at < 6; at++)
    ids.push(await harness.submit(`echo + ${at} >> ${ledger}; sleep 0.05; echo - ${at} >> ${ledger}`));
  for (const id of ids) await harness.untilOver(id);
  const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
  let running = 0;
  for (const line of lines) {
    running += line.startsWith('+') ? 1 : -1;
    assert.ok(running <= 2, lines.join(', '));
  }
  const starts = await Promise.all(ids.map(async (id) => (await harness.info(id)).startTime!));
  for (const [at, startMs] of starts.entries()) // Two that start at once may be spawned in either order.
    assert.ok(at < 2 || startMs >= starts[at - 2]!, starts.join(', '));
});

test('S8: a stopped job gets its signal, may clean up, and is STOPPED with its code', async () => {
  await using harness = await JobsHarness.open();
  const command = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.02; done";
  await harness.canary(command);
  const id = await harness.submit(command, { gracePeriodMs: 30_000 });
  await harness.untilOutput(id, 'ready');
  assert.deepEqual(await Promise.all([harness.manager.stopJob(id), harness.manager.stopJob(id)]), [true, true]);
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.exitCode, info.driverExitCode, info.errorType], ['STOPPED', 5, null, null]);
  assert.match(await harness.output(id), /^ready\n(Terminated\n)?bye\n$/); // The shell may speak of its child's death.
  assert.equal(await harness.manager.stopJob(id), false);
});

test('S8: a job that ignores its signal is killed after its grace, with all that it forked', async () => {
  await using harness = await JobsHarness.open();
  const child = `${harness.directory}/child`;
  const command = [
    `trap 'setsid sleep 1000 & echo $! > ${child}' TERM`, // Forked in the handler, out of the group.
    'echo ready',
    'while :; do sleep 0.02; done',
  ].join('; ');
  await harness.canary(command);
  const id = await harness.submit(command, { gracePeriodMs: 200 });
  await harness.untilOutput(id, 'ready');
  const askedMs = performance.now();
  await harness.manager.stopJob(id);
  const info = await harness.untilOver(id);
  assert.ok(performance.now() - askedMs >= 200);
  assert.deepEqual([info.status, info.signal], ['STOPPED', 'SIGKILL']);
  const { signals, survivors } = info.stopReport!;
  assert.deepEqual(signals[0], { pid: -info.driverPid!, signal: 'SIGTERM' });
  assert.deepEqual(survivors, []);
  const forked = Number(await readFile(child, 'utf8'));
  assert.ok(forked > 0);
  assert.equal(isAlive(forked), false, 'the child forked in the handler is gone when STOPPED is shown');
  assert.equal(isAlive(info.driverPid!), false);
});

test('the signal of a stop may be chosen', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit("trap 'exit 9' INT; echo ready; while :; do sleep 0.02; done", {
    stopSignal: 'SIGINT',
  });
  await harness.untilOutput(id, 'ready');
  await harness.manager.stopJob(id);
  assert.equal((await harness.untilOver(id)).exitCode, 9);
});

test('only a job that is over can be deleted, and its id is then free and its log gone', async () => {
  await using harness = await JobsHarness.open();
  const signal = createDeferred();
  await harness.submit('true', { submissionId: 'again', startSignal: signal.promise });
  await assert.rejects(harness.manager.deleteJob('again'), JobNotTerminalError);
  signal.resolve();
  await harness.untilOver('again');
  await harness.manager.deleteJob('again');
  await assert.rejects(harness.info('again'), JobNotFoundError);
  await harness.submit('echo second', { submissionId: 'again' });
  await harness.untilOver('again');
  assert.equal(await harness.output('again'), 'second\n');
});

test('S9: a tail follows a job and ends when its terminal status is visible', async () => {
  await using harness = await JobsHarness.open();
  const signal = createDeferred();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(`echo one; while [ ! -e ${go} ]; do sleep 0.01; done; echo two; exit 3`, {
    startSignal: signal.promise,
  });
  let text = '';
  let nextOffset = 0;
  const reading = (async () => {
    for await (const chunk of harness.manager.tailJobLogChunks(id)) {
      text += chunk.text;
      nextOffset = chunk.nextOffset;
    }
    return (await harness.info(id)).status;
  })();
  signal.resolve();
  await eventually(
    () => text.endsWith('one\n'),
    () => 'the first line arrives while the job runs',
  );
  const resumed = nextOffset;
  await writeFile(go, '');
  assert.equal(await reading, 'FAILED');
  assert.equal(text, await harness.manager.getJobLogs(id));
  let rest = '';
  for await (const more of harness.manager.tailJobLogs(id, { offset: resumed })) rest += more;
  assert.equal(rest, 'two\n');
});

test('a log is read by range and by its last lines', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit("printf 'a\\nb\\377\\nc\\n'");
  await harness.untilOver(id);
  const { logStartOffset } = await harness.info(id);
  assert.equal(await harness.manager.getJobLogs(id, { tail: 2 }), 'b\ufffd\nc\n');
  assert.equal(await harness.manager.getJobLogs(id, { offset: logStartOffset, limit: 2 }), 'a\n');
  assert.deepEqual([...(await harness.manager.readJobLog(id, { tail: 2 }))], [0x62, 0xff, 0x0a, 0x63, 0x0a]);
  await assert.rejects(harness.manager.getJobLogs(id, { tail: -1 }), RangeError);
  await assert.rejects(harness.manager.getJobLogs(id, { lines: 1 } as never), TypeError);
});

test('a second manager on one directory is refused and names the first', async () => {
  await using harness = await JobsHarness.open();
  await assert.rejects(
    JobManager.open({ directory: harness.directory }),
    (error: unknown) => error instanceof DirectoryInUseError && error.details.holderPid === process.pid,
  );
});

test('a disposed manager refuses by name, and disposing twice is fine', async () => {
  await using harness = await JobsHarness.open();
  const { manager } = harness;
  await harness.closeManager();
  await manager[Symbol.asyncDispose]();
  await assert.rejects(manager.submitJob({ entrypoint: 'true' }), JobManagerClosedError);
  await assert.rejects(manager.listJobs(), JobManagerClosedError);
});

test('the oldest finished jobs are dropped beyond the retained ones', async () => {
  await using harness = await JobsHarness.open({ retainedJobs: 2, sweepPeriodMs: 20 });
  for (const id of ['a', 'b', 'c']) {
    await harness.submit('true', { submissionId: id });
    await harness.untilOver(id);
  }
  await eventually(
    async () => (await harness.manager.listJobs()).length === 2,
    () => 'two jobs are left',
  );
  assert.deepEqual(
    (await harness.manager.listJobs()).map((job) => job.submissionId),
    ['b', 'c'],
  );
});

test('the oldest finished jobs are dropped beyond the bytes of log that are kept, and their logs with them', async () => {
  await using harness = await JobsHarness.open({ retainedLogBytes: 500, sweepPeriodMs: 20 });
  const ids: string[] = [];
  for (let at = 0; at < 4; at++) {
    ids.push(await harness.submit('printf %0200d 0'));
    await harness.untilOver(ids[at]!);
  }
  const bytesLeft = async () => (await harness.manager.listJobs()).reduce((sum, { logBytes }) => sum + logBytes!, 0);
  await eventually(
    async () => (await bytesLeft()) <= 500,
    () => 'at most 500 bytes of log are left',
  );
  const left = (await harness.manager.listJobs()).map((job) => job.submissionId);
  assert.deepEqual(left, ids.slice(-left.length));
  const logs = await readdir(`${harness.directory}/logs`);
  assert.deepEqual(logs.sort(), left.map((id) => `${id}.log`).sort());
});
