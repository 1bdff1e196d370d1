/** An upgrade of Heddle with jobs running: yesterday's launcher, kept as a file, under today's daemon. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { delay, type Logger, realClock, silentLogger } from '@heddle/base';
import { openGcs } from '@heddle/gcs';
import { JobManager } from '@heddle/jobs';
import type { Started } from '@heddle/launcher';
import { type JobRecord, newJobRecord, withProcess } from '../../packages/jobs/src/job-record.ts';
import { JOBS_TABLE } from '../../packages/jobs/src/job-records.ts';
import { toLaunchRequest } from '../../packages/jobs/src/launch-request.ts';
import { statePathsOf } from '../../packages/jobs/src/state-directory.ts';
import { isAlive } from '../../packages/jobs/src/testing/jobs-harness.ts';
import { request } from '../../packages/jobs/src/testing/records.ts';
import { OldDaemon } from '../../packages/launcher/src/testing/old-daemon.ts';

/** Of this run alone: a run beside it, of another checkout, would take our processes for its orphans. */
const IDENTITY = `mark_upgrade_${process.pid}`;

test('an upgrade with jobs running keeps them, their exact codes and their logs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-upgrade-'));
  const paths = statePathsOf(directory);
  mkdirSync(paths.logs, { mode: 0o700 });
  writeFileSync(join(directory, 'identity'), `${IDENTITY}\n`, { mode: 0o600 });
  const go = join(directory, 'go');
  const waits = `echo begun; while [ ! -e ${go} ]; do sleep 0.01; done; echo done;`;
  const old = await OldDaemon.start(paths.launcher);

  /** What yesterday's daemon did for a job that it had made RUNNING. */
  const run = async (submissionId: string, entrypoint: string): Promise<JobRecord> => {
    const asked = request({ submissionId, entrypoint, workingDirectory: '/', gracePeriodMs: 200 });
    const record = newJobRecord(asked, `attempt_${submissionId}`, 1);
    const settings = { identity: IDENTITY, logDirectory: paths.logs, inherited: { PATH: process.env.PATH } };
    const workspace = { directory: record.workingDirectory, isAsked: false };
    const started = (await old.launch(toLaunchRequest(record, settings, workspace, false))) as Started;
    return withProcess(record, started, 'actor_old', 0)!;
  };
  const jobs = [
    await run('ends', `${waits} exit 7`),
    await run('dies', `${waits} kill -9 $$`),
    await run('stops', waits),
  ];
  const ended = await run('ended', 'exit 9');
  {
    await using gcs = await openGcs({ storage: 'sqlite', file: paths.database });
    for (const record of [...jobs, ended]) await gcs.table<JobRecord>(JOBS_TABLE).put(record.submissionId, record);
  }
  await old[Symbol.asyncDispose]();

  const said: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields: unknown, text?: string) => void said.push(text ?? '') };
  {
    await using manager = await JobManager.open({ directory, launcherIdleMs: 50, sweepPeriodMs: 100, logger });
    const over = async (id: string) => {
      for await (const _text of manager.tailJobLogs(id));
      return manager.getJobInfo(id);
    };
    assert.ok(
      said.some((text) => text.includes('launcher of another version')),
      String(said),
    );
    assert.notEqual(manager.stats().launcher.pid, old.pid);
    assert.equal((await over('ended')).exitCode, 9);
    assert.equal((await manager.getJobInfo('ends')).status, 'RUNNING');
    await manager.stopJob('stops');
    assert.equal((await over('stops')).status, 'STOPPED');
    const fresh = await manager.submitJob({ entrypoint: 'exit 5' });
    writeFileSync(go, '');
    assert.deepEqual([(await over('ends')).exitCode, (await over('dies')).signal], [7, 'SIGKILL']);
    assert.equal((await over(fresh)).exitCode, 5);
    assert.match(await readFile(join(paths.logs, 'ends.log'), 'utf8'), /^Running entrypoint[^\n]*\nbegun\ndone\n$/);
    for (let looks = 0; existsSync(join(paths.launcher, 'v0')); looks++) {
      assert.ok(looks < 1000, 'the folder of the old launcher stays');
      await delay(realClock, 20);
    }
    for (let looks = 0; isAlive(old.pid); looks++) {
      assert.ok(looks < 1000, 'the old launcher does not end'); // Its lock is free a moment before it is gone.
      await delay(realClock, 20);
    }
  }
  for (let looks = 0; existsSync(join(paths.launcher, 'v1', 'lock')); looks++) {
    assert.ok(looks < 1000, 'the launcher of today does not end');
    await delay(realClock, 20);
  }
  await rm(directory, { recursive: true });
});
