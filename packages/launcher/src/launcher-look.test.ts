import assert from 'node:assert/strict';
import test from 'node:test';
import { realClock } from '@heddle/base';
import { lookAtLaunchers } from './launcher-look.ts';
import { isAlive } from './process-table.ts';
import { LauncherHarness, until } from './testing/harness.ts';
import { OldDaemon } from './testing/old-daemon.ts';

test('a look at a directory finds the launchers that live there, and starts none', async () => {
  await using harness = new LauncherHarness();
  const look = () => lookAtLaunchers(harness.launcherDirectory, realClock);
  assert.deepEqual(await look(), []);
  await using old = await OldDaemon.start(harness.launcherDirectory);
  await old.launch(harness.request('runs', 'sleep 60'));
  const client = await harness.open();
  const { pid, containment } = client;
  const [older, ours] = (await look()).toSorted((one, other) => one.protocol - other.protocol);
  assert.deepEqual([older?.pid, older?.protocol, older?.state], [old.pid, 0, 'foreign']);
  assert.deepEqual(ours, { pid, protocol: 1, state: 'answers', containment });

  process.kill(pid, 'SIGSTOP');
  assert.deepEqual((await look()).find((each) => each.pid === pid)?.state, 'stopped');
  process.kill(pid, 'SIGCONT');
  await old[Symbol.asyncDispose]();
  await client.stop('runs', { signal: 'SIGKILL', graceMs: 0 });
  await client.settle(['runs']);
  await until('the old launcher has left', () => !isAlive(old.pid));
  await harness.killLauncher(pid);
  await until('the kernel has let go of its lock', async () => (await look()).length === 0);
});
