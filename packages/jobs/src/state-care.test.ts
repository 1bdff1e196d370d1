/** What can befall a state directory: a backup, a full disk, its removal, another version. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SchemaTooNewError } from '@heddle/gcs';
import { JobManager } from './job-manager.ts';
import { type ManagerFacts, toProblems } from './problems.ts';
import { statePathsOf } from './state-directory.ts';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';

const untilFile = (file: string, code: number): string => `while [ ! -e ${file} ]; do sleep 0.01; done; exit ${code}`;

test('a backup restored elsewhere has the same jobs, and touches nothing of the original', async () => {
  await using harness = await JobsHarness.open();
  const go = join(harness.directory, 'go');
  const done = await harness.submit('exit 3');
  const runs = await harness.submit(untilFile(go, 0));
  await harness.untilOver(done);
  const { driverPid } = await harness.untilRunning(runs);

  const elsewhere = await mkdtemp(join(tmpdir(), 'heddle-restored-'));
  await harness.manager.backup(statePathsOf(elsewhere).database);
  {
    await using restored = await JobManager.open({ directory: elsewhere, launcherIdleMs: 50 });
    assert.deepEqual(await restored.getJobInfo(done), { ...(await harness.info(done)) });
    assert.equal((await restored.getJobInfo(runs)).errorType, 'JOB_PROCESS_LOST');
    const launcherPid = restored.stats().launcher.pid!;
    await restored[Symbol.asyncDispose]();
    await eventually(
      () => !isAlive(launcherPid),
      () => 'the launcher of the restored directory ends',
    );
  }
  await rm(elsewhere, { recursive: true });
  assert.ok(isAlive(driverPid!));
  writeFileSync(go, '');
  assert.equal((await harness.untilOver(runs)).status, 'SUCCEEDED');
});

test('a streamed backup is the same file, and none stays in the directory', async () => {
  await using harness = await JobsHarness.open();
  await harness.untilOver(await harness.submit('true'));
  const pieces: Uint8Array[] = [];
  for await (const piece of await harness.manager.streamBackup()) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).subarray(0, 15).toString(), 'SQLite format 3');
  await (await harness.manager.streamBackup()).return!(); // Its reader left before the first byte.
  assert.deepEqual(
    readdirSync(harness.directory).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a directory of a newer version is refused by name and left as it is', async () => {
  await using harness = await JobsHarness.open();
  await harness.closeManager();
  const { database } = statePathsOf(harness.directory);
  const copy = join(harness.directory, 'copy');
  await copyFile(database, copy);
  const newer = new DatabaseSync(database);
  newer.exec('PRAGMA user_version = 1000');
  newer.close();
  const before = await readFile(database);
  await assert.rejects(harness.openManager(), SchemaTooNewError);
  assert.deepEqual(await readFile(database), before);
  await copyFile(copy, database);
});

/** A small file system of its own; undefined where this user may not mount one. */
function mountSmall(): ({ readonly directory: string; fill(): void; free(): void } & Disposable) | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill() {
      const fd = openSync(ballast, 'w');
      try {
        for (;;) writeSync(fd, Buffer.alloc(4096));
      } catch {
        closeSync(fd); // Full to the last page.
      }
    },
    free: () => rmSync(ballast),
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true });
    },
  };
}

test('a full disk loses nothing that was promised, is told of in words, and is forgotten when there is room', async (t) => {
  using disk = mountSmall();
  if (disk === undefined) return t.skip('this user may not mount a file system');
  const elsewhere = await mkdtemp(join(tmpdir(), 'heddle-go-'));
  const directory = join(disk.directory, 'state');
  await mkdir(directory);
  {
    await using manager = await JobManager.open({ directory, launcherIdleMs: 50, pingPeriodMs: 20 });
    const launcherPid = manager.stats().launcher.pid!;
    const id = await manager.submitJob({ entrypoint: untilFile(join(elsewhere, 'go'), 5) });
    const is = (status: string) => async () => (await manager.getJobInfo(id)).status === status;
    const says = (pattern: RegExp) => () => manager.stats().problems.some((problem) => pattern.test(problem));
    await eventually(is('RUNNING'), () => 'it runs');

    disk.fill();
    await eventually(says(/nearly full: 0 MiB are free/), () => `too little room, not ${manager.stats().problems}`);
    await assert.rejects(
      async () => {
        for (;;) await manager.submitJob({ entrypoint: 'true', metadata: { filler: 'x'.repeat(8000) } });
      },
      { code: 'STORAGE_FAILED', message: /full/ },
    );
    assert.ok(says(/tables cannot be written: .*full/)(), String(manager.stats().problems));
    writeFileSync(join(elsewhere, 'go'), '');
    await eventually(says(/supervisors? fails? .*full/), () => `its end waits, not ${manager.stats().problems}`);

    disk.free();
    await eventually(is('FAILED'), () => 'its end is durable');
    assert.equal((await manager.getJobInfo(id)).exitCode, 5);
    await eventually(
      () => !says(/cannot be written|fails?/)(),
      () => `all is well, not ${manager.stats().problems}`,
    );
    await eventually(
      () => manager.stats().jobs.PENDING + manager.stats().jobs.RUNNING === 0,
      () => 'all are over',
    );
    await manager[Symbol.asyncDispose]();
    await eventually(
      () => !isAlive(launcherPid),
      () => 'the launcher ends',
    );
  }
  await rm(elsewhere, { recursive: true });
});

test('S7: a job that was accepted just before the disk filled waits for room, and can be stopped meanwhile', async (t) => {
  using disk = mountSmall();
  if (disk === undefined) return t.skip('this user may not mount a file system');
  const directory = join(disk.directory, 'state');
  await mkdir(directory);
  await using manager = await JobManager.open({ directory, launcherIdleMs: 50, pingPeriodMs: 20 });
  const launcherPid = manager.stats().launcher.pid!;
  const room = Promise.withResolvers<void>();
  const submit = () => manager.submitJob({ entrypoint: 'echo ran', startSignal: room.promise });
  const [waiting, stopped] = [await submit(), await submit()];
  disk.fill();
  room.resolve();
  await eventually(
    () => manager.stats().problems.some((problem) => /fails? and tr.*log.*cannot be written: ENOSPC/.test(problem)),
    () => `its log cannot be written, not ${manager.stats().problems}`,
  );
  assert.equal((await manager.getJobInfo(waiting)).status, 'PENDING');

  disk.free();
  assert.equal(await manager.stopJob(stopped), true);
  const statusOf = async (id: string) => (await manager.getJobInfo(id)).status;
  await eventually(
    async () => (await statusOf(waiting)) === 'SUCCEEDED' && (await statusOf(stopped)) === 'STOPPED',
    () => `there is room, not ${manager.stats().problems}`,
  );
  assert.match(await manager.getJobLogs(waiting), /^Running entrypoint for job \S+: echo ran\nran\n$/);
  await manager[Symbol.asyncDispose]();
  await eventually(
    () => !isAlive(launcherPid),
    () => 'the launcher ends',
  );
});

test('S7: a state directory that is removed is told of in words, and no id is returned that could not last', async () => {
  await using harness = await JobsHarness.open({ pingPeriodMs: 20 });
  const away = `${harness.directory}-away`;
  execFileSync('mv', [harness.directory, away]);
  await eventually(
    () => harness.manager.stats().problems.some((problem) => /cannot be written: ENOENT/.test(problem)),
    () => `it is missed, not ${harness.manager.stats().problems}`,
  );
  await assert.rejects(harness.submit('true'), {
    code: 'STATE_DIRECTORY',
    message: /removed or replaced.*put it back/,
  });
  process.kill(harness.manager.stats().launcher.pid!, 'SIGKILL');
  await eventually(
    () => harness.manager.stats().launcher.lost === 1,
    () => 'its launcher is missed',
  );
  await assert.rejects(harness.manager.sweepOrphans(), { code: 'STATE_DIRECTORY' }); // It needs a launcher.
  assert.equal(existsSync(harness.directory), false, 'what was removed is not made again');
  execFileSync('mv', [away, harness.directory]);
  await eventually(
    () => !harness.manager.stats().problems.some((problem) => problem.includes('ENOENT')),
    () => 'it is there again',
  );
  assert.equal((await harness.untilOver(await harness.submit('true'))).status, 'SUCCEEDED');
});

test('S2: a launcher that is stopped is told of, with what to do, and hides nothing else that needs attention', async () => {
  await using harness = await JobsHarness.open({ pingPeriodMs: 20, pingTimeoutMs: 60 });
  const pid = harness.manager.stats().launcher.pid!;
  const says = (pattern: RegExp) => harness.manager.stats().problems.some((problem) => pattern.test(problem));
  const told = () => `not ${harness.manager.stats().problems}`;
  process.kill(pid, 'SIGSTOP');
  const id = await harness.submit('true');
  try {
    await eventually(() => says(new RegExp(`process ${pid}, is stopped; continue it with "kill -CONT ${pid}"`)), told);
    assert.equal(harness.manager.stats().isDegraded, true);
    const away = `${harness.directory}-away`;
    execFileSync('mv', [harness.directory, away]);
    await eventually(() => says(/cannot be written: ENOENT/), told);
    execFileSync('mv', [away, harness.directory]);
    assert.equal((await harness.manager.getJobInfo(id)).status, 'PENDING');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  assert.equal((await harness.untilOver(id)).status, 'SUCCEEDED');
  await eventually(() => harness.manager.stats().problems.length === 0, told);
});

test('every reason to be degraded has words of its own', () => {
  const well: ManagerFacts = {
    directory: '/state',
    hasLauncher: true,
    journalFailure: null,
    silentLauncher: undefined,
    storageFailure: null,
    directoryFailure: undefined,
    freeBytes: 1e12,
    unreachable: 0,
    struggling: 0,
    struggle: undefined,
  };
  assert.deepEqual(toProblems(well), []);
  const ills: Partial<ManagerFacts>[] = [
    { hasLauncher: false },
    { journalFailure: 'EIO' },
    { silentLauncher: { pid: 7, isStopped: true } },
    { silentLauncher: { pid: 7, isStopped: false } },
    { storageFailure: 'EIO' },
    { directoryFailure: 'EROFS: read-only file system' },
    { freeBytes: 0 },
    { unreachable: 2 },
    { struggling: 1, struggle: 'Error: EIO' },
  ];
  const said = ills.map((ill) => toProblems({ ...well, ...ill }));
  for (const problems of said) assert.equal(problems.length, 1);
  assert.equal(new Set(said.flat()).size, ills.length);
});
