import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Logger, silentLogger } from '@heddle/base';
import { SUPERVISOR_NAMESPACE, toSupervisorName } from './job-supervisor.ts';
import { RemoteIdleActor } from './testing/idle-actor.ts';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';

/** Runs until the file is there, then ends with its code. */
const untilFile = (file: string, code = 0) =>
  `echo begun; while [ ! -e ${file} ]; do sleep 0.02; done; echo done; exit ${code}`;

const touch = (file: string): Promise<void> => writeFile(file, '');

function systemWorker(harness: JobsHarness) {
  const worker = harness.runtime.listWorkers().find(({ role }) => role === 'system');
  assert.ok(worker, 'there is a system thread');
  return worker;
}

test('S1: supervisors live in the system thread, one for each job that is not over', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go));
  const { supervisorActorId } = await harness.untilRunning(id);
  const rows = harness.supervisorRows();
  assert.equal(rows.length, 1);
  assert.deepEqual(
    [rows[0]!.actorId, rows[0]!.name, rows[0]!.namespace, rows[0]!.isDetached, rows[0]!.threadId],
    [supervisorActorId, toSupervisorName(id), SUPERVISOR_NAMESPACE, true, systemWorker(harness).threadId],
  );
  await touch(go);
  await harness.untilOver(id);
  await eventually(
    () => harness.supervisorRows().length === 0,
    () => 'the supervisor exits',
  );
});

test('S3: when the system thread dies its supervisors come back and take their jobs up again', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const ids = await Promise.all([0, 3, 5].map((code) => harness.submit(untilFile(go, code))));
  const before = await Promise.all(ids.map((id) => harness.untilRunning(id)));
  await harness.runtime.terminateWorker(systemWorker(harness).workerId);
  const after = await Promise.all(ids.map((id) => harness.until(id, (info) => info.supervisorRestarts === 1)));
  assert.deepEqual(
    after.map(({ driverPid, startTime, supervisorActorId }) => ({ driverPid, startTime, supervisorActorId })),
    before.map(({ driverPid, startTime, supervisorActorId }) => ({ driverPid, startTime, supervisorActorId })),
  );
  await touch(go);
  const over = await Promise.all(ids.map((id) => harness.untilOver(id)));
  assert.deepEqual(
    over.map(({ exitCode }) => exitCode),
    [0, 3, 5],
  );
  for (const id of ids) assert.equal(await harness.output(id), 'begun\ndone\n');
});

test('S4: a job that ends while its supervisor is being made anew keeps its code', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go, 6));
  await harness.untilRunning(id);
  const terminated = harness.runtime.terminateWorker(systemWorker(harness).workerId);
  writeFileSync(go, '');
  await terminated;
  assert.equal((await harness.untilOver(id)).exitCode, 6);
});

test('S3: a job that succeeds while it has no supervisor is SUCCEEDED, and not FAILED as in Ray', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go));
  await harness.untilRunning(id);
  const supervisor = await harness.runtime.getActor(toSupervisorName(id), SUPERVISOR_NAMESPACE);
  const killed = harness.runtime.kill(supervisor);
  writeFileSync(go, '');
  await killed;
  const info = await harness.untilOver(id);
  assert.deepEqual([info.status, info.exitCode, info.errorType], ['SUCCEEDED', 0, null]);
});

test('S3: a supervisor that is killed for good is replaced, and its job goes on', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go, 4));
  const before = await harness.untilRunning(id);
  const supervisor = await harness.runtime.getActor(toSupervisorName(id), SUPERVISOR_NAMESPACE);
  await harness.runtime.kill(supervisor);
  const after = await harness.until(id, (info) => info.supervisorActorId !== before.supervisorActorId);
  assert.deepEqual([after.status, after.driverPid, after.supervisorRestarts], ['RUNNING', before.driverPid, 1]);
  assert.equal(harness.manager.stats().supervisors.replaced, 1);
  await touch(go);
  assert.equal((await harness.untilOver(id)).exitCode, 4);
});

test('S2: a supervisor that does not answer is shown as unreachable, and fails no job', async () => {
  await using harness = await JobsHarness.open({ pingPeriodMs: 20, pingTimeoutMs: 40, pingThreshold: 2 });
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go, 7));
  await harness.untilRunning(id);
  using blocker = harness.runtime.create(RemoteIdleActor, [], { placement: 'system' });
  const held = new Int32Array(new SharedArrayBuffer(4));
  const blocked = blocker.block.remote(held.buffer);
  await eventually(
    () => harness.manager.stats().supervisors.unreachable === 1,
    () => 'the supervisor is unreachable',
  );
  assert.equal(harness.manager.stats().isDegraded, true);
  assert.equal((await harness.info(id)).status, 'RUNNING');
  Atomics.store(held, 0, 1);
  Atomics.notify(held, 0);
  await blocked;
  await eventually(
    () => harness.manager.stats().supervisors.unreachable === 0,
    () => 'the supervisor answers again',
  );
  await touch(go);
  const over = await harness.untilOver(id);
  assert.deepEqual([over.exitCode, over.supervisorRestarts], [7, 0]);
});

test('S4: a manager that is disposed and opened anew adopts the living supervisors as they are', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const ids = await Promise.all([1, 2, 3].map((code) => harness.submit(untilFile(go, code))));
  for (const id of ids) await harness.untilRunning(id);
  const actorIds = harness
    .supervisorRows()
    .map((row) => row.actorId)
    .sort();
  assert.equal(actorIds.length, 3);

  await harness.closeManager();
  assert.equal(harness.supervisorRows().length, 3, 'disposing a manager leaves supervisors that are not its own');
  await harness.openManager();
  assert.equal(harness.manager.stats().recovered.adopted, 3);
  assert.deepEqual(
    harness
      .supervisorRows()
      .map((row) => row.actorId)
      .sort(),
    actorIds,
  );

  await touch(go);
  const over = await Promise.all(ids.map((id) => harness.untilOver(id)));
  assert.deepEqual(
    over.map(({ exitCode, supervisorRestarts }) => [exitCode, supervisorRestarts]),
    [
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  );
});

test('S4: a job that ends while there is no manager is told with its code by the next', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go, 8));
  const { driverPid } = await harness.untilRunning(id);
  await harness.closeManager();
  await touch(go);
  await eventually(
    () => !isAlive(driverPid!),
    () => 'the job ends',
  );
  await harness.openManager();
  const over = await harness.untilOver(id);
  assert.deepEqual([over.exitCode, over.supervisorRestarts], [8, 0]);
});

test('S4: a new manager logs what happens from there on, not the history of the jobs', async () => {
  const said: object[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (fields, message) => void (message === 'job status' && said.push(fields)),
  };
  await using harness = await JobsHarness.open({ logger });
  await harness.untilOver(await harness.submit('true'));
  await harness.closeManager();
  said.length = 0;
  await harness.openManager();
  assert.deepEqual(said, []);
  await harness.untilOver(await harness.submit('true', { submissionId: 'news' }));
  assert.deepEqual(
    said.map((fields) => [(fields as { jobId: string }).jobId, (fields as { status: string }).status]),
    ['PENDING', 'RUNNING', 'SUCCEEDED'].map((status) => ['news', status]),
  );
});

test('a stop goes on under a new manager and a new system thread', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit("trap '' TERM; echo ready; while :; do sleep 0.02; done", { gracePeriodMs: 600 });
  await harness.untilOutput(id, 'ready');
  await harness.manager.stopJob(id);
  await harness.closeManager();
  await harness.runtime.terminateWorker(systemWorker(harness).workerId);
  await harness.openManager();
  const over = await harness.untilOver(id);
  assert.deepEqual([over.status, over.signal], ['STOPPED', 'SIGKILL']);
});

test('S7: when the launcher is killed its jobs are honestly lost, and later ones run under another', async () => {
  await using harness = await JobsHarness.open();
  const command = 'trap "" TERM; sleep 1000 & setsid sleep 1000 & echo ready; wait';
  await harness.canary(command);
  const id = await harness.submit(command);
  await harness.untilOutput(id, 'ready');
  const launcherPid = harness.noteLauncher();
  process.kill(launcherPid!, 'SIGKILL');

  const lost = await harness.untilOver(id);
  assert.deepEqual(
    [lost.status, lost.errorType, lost.exitCode, lost.signal, lost.driverExitCode],
    ['FAILED', 'JOB_PROCESS_LOST', null, null, null],
  );
  assert.equal(isAlive(lost.driverPid!), false);
  const later = await harness.submit('exit 2');
  assert.equal((await harness.untilOver(later)).exitCode, 2);
  await eventually(
    () => ![null, launcherPid].includes(harness.noteLauncher()),
    () => 'the manager has the new launcher',
  );
  assert.equal(harness.manager.stats().launcher.lost, 1);
});

test('S8: a stop of a job whose launcher was killed is STOPPED, without a code', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit("trap '' TERM; echo ready; while :; do sleep 0.02; done", { gracePeriodMs: 60_000 });
  await harness.untilOutput(id, 'ready');
  await harness.manager.stopJob(id);
  process.kill(harness.noteLauncher()!, 'SIGKILL');
  const over = await harness.untilOver(id);
  assert.deepEqual([over.status, over.exitCode, over.signal], ['STOPPED', null, null]);
  assert.equal(isAlive(over.driverPid!), false);
});

/** A process with a mark, as a job's would be. */
async function marked(harness: JobsHarness, attemptId: string, jobId: string) {
  const env = {
    PATH: process.env.PATH ?? '',
    HEDDLE_JOB_ID: jobId,
    HEDDLE_JOB_MARK: `${await harness.identity()}:${attemptId}`,
  };
  const child = spawn('sleep', ['1000'], { env, stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  return { pid: child.pid!, exited };
}

test('S5: a marked process without a record, or whose job is over, is found, killed and counted, and no neighbour', async () => {
  await using harness = await JobsHarness.open();
  await using neighbour = await JobsHarness.open();
  const go = `${neighbour.directory}/go`;
  const neighbours = await neighbour.submit(untilFile(go));
  await neighbour.untilRunning(neighbours);
  await harness.canary('sleep 1000');

  const id = await harness.submit('true');
  await harness.untilOver(id);
  const unrecorded = await marked(harness, 'attempt_nobody', 'nobody');
  const orphans = await harness.manager.sweepOrphans();
  await unrecorded.exited;
  assert.deepEqual([orphans.unrecorded, orphans.leftovers, orphans.killed, orphans.survivors], [1, 0, 1, 0]);

  await touch(go);
  assert.equal((await neighbour.untilOver(neighbours)).status, 'SUCCEEDED');
});

test('S5: a supervisor whose job is over or unknown is found, killed and counted', async () => {
  await using harness = await JobsHarness.open();
  const id = await harness.submit('true');
  await harness.untilOver(id);
  await eventually(
    () => harness.supervisorRows().length === 0,
    () => 'the supervisor exits',
  );
  for (const submissionId of [id, 'nobody']) {
    const impostor = harness.runtime.create(RemoteIdleActor, [], {
      name: toSupervisorName(submissionId),
      namespace: SUPERVISOR_NAMESPACE,
      lifetime: 'detached',
      placement: 'system',
    });
    await impostor.ping.remote();
  }
  const orphans = await harness.manager.sweepOrphans();
  assert.deepEqual([orphans.supervisors, orphans.killed], [2, 2]);
  const left = harness.runtime
    .listActors()
    .filter((row) => row.namespace === SUPERVISOR_NAMESPACE && row.state !== 'DEAD');
  assert.deepEqual(left, []);
});

test('S5: a job without its supervisor is found by the sweep, counted, and given one', async () => {
  await using harness = await JobsHarness.open();
  const go = `${harness.directory}/go`;
  const id = await harness.submit(untilFile(go, 9));
  await harness.untilRunning(id);
  await harness.closeManager();
  await harness.runtime.kill(await harness.runtime.getActor(toSupervisorName(id), SUPERVISOR_NAMESPACE));
  await harness.openManager();
  assert.equal(harness.manager.stats().recovered.adopted, 1);
  assert.equal((await harness.info(id)).supervisorRestarts, 1);
  await touch(go);
  assert.equal((await harness.untilOver(id)).exitCode, 9);
});

test('a stopped launcher holds a job in PENDING; a stop then is final when it wakes', async () => {
  await using harness = await JobsHarness.open();
  const launcherPid = harness.noteLauncher()!;
  process.kill(launcherPid, 'SIGSTOP');
  const id = await harness.submit('echo ran');
  assert.equal(await harness.manager.stopJob(id), true);
  assert.equal((await harness.info(id)).status, 'PENDING');
  process.kill(launcherPid, 'SIGCONT');
  assert.equal((await harness.untilOver(id)).status, 'STOPPED');
});
