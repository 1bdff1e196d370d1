/**
 * An upgrade with jobs running: the launcher of an older protocol, kept as it was built then, goes on with its jobs
 * while today's client starts today's launcher beside it.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { realClock } from '@heddle/base';
import { LauncherClient } from './launcher-client.ts';
import { launcherHome } from './launcher-home.ts';
import { isAlive } from './process-table.ts';
import { PROTOCOL } from './protocol.ts';
import { LauncherHarness, until } from './testing/harness.ts';
import { OldDaemon } from './testing/old-daemon.ts';

const untilFile = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.01; done`;

test('jobs of an older launcher end with their exact codes while new ones run under a launcher of today', async () => {
  await using harness = new LauncherHarness();
  const go = join(harness.directory, 'go');
  await using old = await OldDaemon.start(harness.launcherDirectory);
  await old.launch(harness.request('ended', 'exit 3'));
  await old.launch(harness.request('runs', `${untilFile(go)}; exit 4`));
  await old.launch(harness.request('dies', `${untilFile(go)}; kill -9 $$`));
  await old[Symbol.asyncDispose]();

  const client = await harness.open();
  assert.notEqual(client.pid, old.pid);
  assert.ok(isAlive(old.pid));
  assert.ok(existsSync(launcherHome(harness.launcherDirectory, 0).socket));
  assert.equal(launcherHome(harness.launcherDirectory).directory, join(harness.launcherDirectory, `v${PROTOCOL}`));
  await until('its exit is in the journal', async () => (await client.report('ended'))?.phase === 'exited');
  assert.equal((await client.exited('ended')).code, 3);
  assert.equal((await client.report('runs'))?.phase, 'started');
  const again = await client.launch(harness.request('runs', 'echo twice >twice'));
  assert.equal(again.pid, (await client.report('runs'))?.started?.pid);

  await client.launch(harness.request('new', 'exit 5'));
  const ends = Promise.all(['runs', 'dies', 'new'].map((id) => client.exited(id)));
  writeFileSync(go, '');
  const [runs, dies, fresh] = await ends;
  assert.deepEqual([runs?.code, dies?.signal, fresh?.code], [4, 'SIGKILL', 5]);
  assert.equal((await client.reports()).length, 4);
  assert.ok(!existsSync(join(harness.directory, 'twice')));

  await client.settle(['ended', 'runs', 'dies', 'new']);
  await until('the old launcher has left', () => !isAlive(old.pid));
  await until('its folder is gone', () => !existsSync(launcherHome(harness.launcherDirectory, 0).directory));
  assert.deepEqual(await client.reports(), []);
});

test('a job of an older launcher is stopped with all its processes, and one that died with it is orphaned', async () => {
  await using harness = new LauncherHarness();
  await using old = await OldDaemon.start(harness.launcherDirectory);
  await old.launch(harness.request('stops', 'trap "" TERM; setsid sleep 60 & sleep 60; sleep 60'));
  await old.launch(harness.request('lost', 'sleep 60'));
  await old[Symbol.asyncDispose]();

  const client = await harness.open();
  const { survivors, signals } = await client.stop('stops', { signal: 'SIGTERM', graceMs: 100 });
  assert.deepEqual(survivors, []);
  assert.ok(signals.some(({ signal }) => signal === 'SIGTERM') && signals.some(({ signal }) => signal === 'SIGKILL'));
  assert.deepEqual(await harness.pidsOf('stops'), []);
  assert.equal((await client.exited('stops')).signal, 'SIGKILL');

  const lost = client.exited('lost');
  process.kill(old.pid, 'SIGKILL');
  await assert.rejects(lost, { code: 'LAUNCHER_GONE' });
  assert.equal((await client.report('lost'))?.isOrphaned, true);
  await client.stop('lost', { signal: 'SIGTERM', graceMs: 1000 });
  assert.deepEqual(await harness.pidsOf('lost'), []);
});

test('what an older launcher leaves when it was killed is found by the next client', async () => {
  await using harness = new LauncherHarness();
  await using old = await OldDaemon.start(harness.launcherDirectory);
  await old.launch(harness.request('ended', 'exit 6'));
  await old[Symbol.asyncDispose]();
  await until('it has left', () => !isAlive(old.pid)); // Idle, with a journal that still says something.
  const client = await LauncherClient.open({ directory: harness.launcherDirectory, idleMs: 50, clock: realClock });
  assert.equal((await client.exited('ended')).code, 6);
  await client.settle(['ended']);
  assert.ok(!existsSync(launcherHome(harness.launcherDirectory, 0).directory));
  await client[Symbol.asyncDispose]();
  await until('the new one leaves', () => !isAlive(client.pid));
});
