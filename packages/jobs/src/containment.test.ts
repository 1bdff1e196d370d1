/** What holds a job's processes together, from the manager's side. Where no control group can be made this is said, loudly. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { eventually, isAlive, JobsHarness } from './testing/jobs-harness.ts';

/** False, loudly: there are no control groups to be had here. */
function hasGroups(t: TestContext, harness: JobsHarness): boolean {
  if (harness.manager.stats().launcher.containment === 'cgroup') return true;
  t.skip('THE CGROUP TIER IS NOT TESTED HERE: no control group can be made');
  return false;
}

/** Forked twice, it clears its environment and makes a session of its own; then it says its pid, and its parent goes on. */
const hideAway = (fifo: string): string =>
  `mkfifo ${fifo}; (env -i setsid /bin/sh -c 'echo $$; echo >${fifo}; exec sleep 987654' &); read free <${fifo}`;

async function submitEscape(harness: JobsHarness): Promise<{ id: string; escapee: number }> {
  const id = await harness.submit(`${hideAway(join(harness.directory, 'fifo'))}; echo up; exec sleep 1000`);
  await harness.untilRunning(id);
  await harness.untilOutput(id, 'up');
  const escapee = Number.parseInt(await harness.output(id), 10);
  assert.ok(isAlive(escapee));
  return { id, escapee };
}

test('S8: a stop leaves nothing in the control group of a job, however well it hid, and says by what it was found', async (t) => {
  await using harness = await JobsHarness.open({ gracePeriodMs: 100 });
  if (!hasGroups(t, harness)) return;
  const { id, escapee } = await submitEscape(harness);
  assert.equal(await harness.manager.stopJob(id), true);
  const { status, stopReport } = await harness.untilOver(id);
  assert.deepEqual([status, stopReport?.containment, stopReport?.survivors], ['STOPPED', 'cgroup', []]);
  assert.ok(stopReport?.signals.some(({ pid, signal }) => pid === escapee && signal === 'SIGKILL'));
  assert.equal(isAlive(escapee), false);
});

test('S5: what hid from its mark is found by its control group when the launcher is gone', async (t) => {
  await using harness = await JobsHarness.open();
  if (!hasGroups(t, harness)) return;
  const { id, escapee } = await submitEscape(harness);
  const { driverPid } = await harness.info(id);
  const launcherPid = harness.noteLauncher()!;
  process.kill(launcherPid, 'SIGKILL');
  const { status, errorType } = await harness.untilOver(id);
  assert.deepEqual([status, errorType], ['FAILED', 'JOB_PROCESS_LOST']);
  await eventually(
    () => !isAlive(driverPid!) && !isAlive(escapee),
    () => 'nothing of it lives',
  );
  harness.noteLauncher();
});

test('S8: with the marker tier a stop names that, and a job that does not hide is ended all the same', async () => {
  await using harness = await JobsHarness.open({ containment: 'marker' });
  assert.equal(harness.manager.stats().launcher.containment, 'marker');
  const id = await harness.submit('setsid sleep 987654 & echo up; wait');
  await harness.untilRunning(id);
  await harness.untilOutput(id, 'up');
  await harness.manager.stopJob(id);
  const { stopReport } = await harness.untilOver(id);
  assert.deepEqual([stopReport?.containment, stopReport?.survivors], ['marker', []]);
});

const OPEN = `
  import { JobManager } from '@heddle/jobs';
  try {
    await using jobs = await JobManager.open({ directory: process.argv[1], containment: 'cgroup', launcherIdleMs: 0 });
    console.log('opened with', jobs.stats().launcher.containment);
  } catch (error) {
    console.log(error.name, error.code, error.message);
  }`;

test('where no control group can be made a manager that must have one is refused, and is told what to do', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'heddle-jobs-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const mounts = [...readFileSync('/proc/self/mounts', 'utf8').matchAll(/^\S+ (\S+) cgroup2 /gm)].map(
    ([, point]) => point!,
  );
  const shut = mounts
    .map((point) => `mount -o bind "${point}" "${point}" && mount -o remount,bind,ro "${point}" && `)
    .join('');
  const program = [process.execPath, '--conditions=heddle-source', '--input-type=module', '-e', OPEN, directory];
  const { stdout, stderr, status } = spawnSync('unshare', ['-m', 'sh', '-c', `${shut}exec "$@"`, 'sh', ...program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (status !== 0) return t.skip(`CANNOT TAKE THE CONTROL GROUPS AWAY HERE: ${stderr}`);
  assert.match(
    stdout,
    /^ContainmentUnavailableError CONTAINMENT_UNAVAILABLE Cannot open state directory "[^"]+" with containment "cgroup": .+; start the daemon as root or in a delegated group \(systemd: Delegate=yes\), or let containment be "auto"\n$/,
  );
});
