/** Time limits, further attempts and shared fate with real processes, across managers. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';

test('S10: a job that takes too long is ended with its whole tree, across managers', async () => {
  await using harness = await JobsHarness.open();
  const child = `${harness.directory}/child`;
  const id = await harness.submit(`setsid sleep 1000 & echo $! > ${child}; wait`, { timeoutMs: 1_500 });
  const { startTime } = await harness.untilRunning(id);
  await harness.closeManager();
  await harness.openManager();
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.errorType, info.signal], ['FAILED', 'JOB_TIMEOUT', 'SIGTERM']);
  assert.ok(info.endTime! - startTime! >= 1_400, 'not before its time');
  assert.ok(info.endTime! - startTime! < 1_500 + 10_000, 'and its time did not begin again');
  assert.equal(isAlive(Number(await readFile(child, 'utf8'))), false);
});

test('S10: a failed job is run again, each attempt with its header line, number and mark', async () => {
  await using harness = await JobsHarness.open();
  const marks = `${harness.directory}/marks`;
  const command = `echo $HEDDLE_JOB_MARK >> ${marks}; printf "try $HEDDLE_JOB_ATTEMPT"; [ $HEDDLE_JOB_ATTEMPT = 3 ]`;
  const id = await harness.submit(command, { submissionId: 'again', maxRetries: 4, retryDelayMs: 20 });
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.attempt, info.exitCode], ['SUCCEEDED', 3, 0]);
  assert.deepEqual(
    info.pastAttempts.map(({ attempt, exitCode }) => [attempt, exitCode]),
    [
      [1, 1],
      [2, 1],
    ],
  );
  const header = (which = '') => `Running entrypoint for job again${which}: ${command}\n`;
  assert.equal(
    await harness.manager.getJobLogs(id),
    `${header()}try 1\n${header(' (attempt 2 of 5)')}try 2\n${header(' (attempt 3 of 5)')}try 3`,
  );
  assert.equal(await harness.output(id), 'try 3');
  const lines = (await readFile(marks, 'utf8')).trim().split('\n');
  assert.equal(new Set(lines).size, 3);
  assert.ok(lines[1]!.endsWith('.2') && lines[2]!.endsWith('.3'), lines.join());
});

test('S10: a back-off goes on under the next manager, and counts from the recorded end', async () => {
  await using harness = await JobsHarness.open();
  const ledger = `${harness.directory}/ledger`;
  const id = await harness.submit(`echo x >> ${ledger}; exit 9`, { maxRetries: 1, retryDelayMs: 1_500 });
  const between = await harness.until(id, ({ attempt }) => attempt === 2);
  assert.equal(between.status, 'RUNNING');
  assert.equal(between.retryTime, between.pastAttempts[0]!.endTime + 1_500);
  await harness.closeManager();
  await harness.openManager();
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.exitCode, info.attempt], ['FAILED', 9, 2]);
  assert.ok(info.startTime! >= between.retryTime!);
  assert.equal(await readFile(ledger, 'utf8'), 'x\nx\n');
});

test('S10: a job that does not start in time has failed, and never starts', async () => {
  await using harness = await JobsHarness.open({ maxRunningJobs: 1, numCpus: 1 });
  const go = `${harness.directory}/go`;
  const first = await harness.submit(`while [ ! -e ${go} ]; do sleep 0.02; done`);
  await harness.untilRunning(first);
  const late = await harness.submit('true', { startTimeoutMs: 300 });
  const patient = await harness.submit('true');
  const info = await harness.untilOver(late);
  assert.deepEqual([info.status, info.errorType], ['FAILED', 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT']);
  assert.equal(await harness.manager.getJobLogs(late), '');
  assert.equal((await harness.info(patient)).status, 'PENDING');
  await writeFile(go, '');
  await harness.untilOver(patient);
});

test('a job that asks for more than there is fails at the start timeout, also under the next manager', async () => {
  await using harness = await JobsHarness.open({ numCpus: 1, startTimeoutMs: 700 });
  const never = await harness.submit('true', { entrypointNumCpus: 2 });
  await harness.closeManager();
  await harness.openManager();
  const info = await harness.untilOver(never);
  assert.equal(info.errorType, 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT');
  assert.ok(info.endTime! - info.submittedAtMs >= 700);
});

test('S3: with fateSharing a job dies with its supervisor, and its tree with it', async () => {
  await using harness = await JobsHarness.open();
  const child = `${harness.directory}/child`;
  const command = `setsid sleep 1000 & echo $! > ${child}; echo ready; wait`;
  const shared = await harness.submit(command, { fateSharing: true });
  const go = `${harness.directory}/go`;
  const other = await harness.submit(`while [ ! -e ${go} ]; do sleep 0.02; done`);
  await harness.untilOutput(shared, 'ready');
  await harness.untilRunning(other);
  const system = harness.runtime.listWorkers().find(({ role }) => role === 'system');
  await harness.runtime.terminateWorker(system!.workerId);
  const info = await harness.untilOver(shared);
  assert.deepEqual([info.status, info.errorType], ['FAILED', 'JOB_SUPERVISOR_ACTOR_DIED']);
  assert.match(info.message, /shares its fate/);
  assert.equal(isAlive(Number(await readFile(child, 'utf8'))), false);
  await harness.until(other, ({ supervisorRestarts }) => supervisorRestarts === 1);
  await writeFile(go, '');
  assert.equal((await harness.untilOver(other)).status, 'SUCCEEDED');
  await eventually(
    () => harness.supervisorRows().length === 0,
    () => 'every supervisor exits',
  );
});
