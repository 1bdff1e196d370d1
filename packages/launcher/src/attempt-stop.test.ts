import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { realClock } from '@heddle/base';
import { killVerified, SignalList } from './killing.ts';
import { isAlive, isSameProcess, type ProcessFacts, readProcess } from './process-table.ts';
import { LauncherHarness, until } from './testing/harness.ts';

const forever = 'while :; do sleep 0.05; done';

test('a job that ends on its signal gets no other', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const command = `trap "echo asked; exit 5" INT; echo up; ${forever}`;
  const { pid } = await launcher.launch(harness.request('a', command));
  await harness.said('a', 'up');
  const report = await launcher.stop('a', { signal: 'SIGINT', graceMs: 60_000 });
  assert.deepEqual(report, { signals: [{ pid: -pid, signal: 'SIGINT' }], survivors: [], containment: 'marker' });
  assert.equal((await launcher.exited('a')).code, 5);
  assert.match(harness.log('a'), /asked\n$/);
  const { stop } = (await launcher.report('a'))!;
  assert.deepEqual([stop?.signal, stop?.graceMs, stop?.report], ['SIGINT', 60_000, report]);
});

test('a job that ignores its signal is killed after the grace, and not before', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const { pid } = await launcher.launch(harness.request('a', `trap "" TERM; echo up; ${forever}`));
  await harness.said('a', 'up');
  const startedMs = realClock.monotonicMs();
  const report = await launcher.stop('a', { signal: 'SIGTERM', graceMs: 400 });
  assert.ok(realClock.monotonicMs() - startedMs >= 400);
  assert.deepEqual(report.signals.slice(0, 2), [
    { pid: -pid, signal: 'SIGTERM' },
    { pid: -pid, signal: 'SIGKILL' },
  ]);
  assert.equal((await launcher.exited('a')).signal, 'SIGKILL');
  assert.deepEqual(await harness.pidsOf('a'), []);
});

test('children that are forked while the signal is handled die, those in a session of their own too', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const command = `trap "sleep 1000 & setsid sleep 1000 & setsid sh -c 'trap \\"\\" TERM; ${forever}' & exit 0" TERM; echo up; ${forever}`;
  await launcher.launch(harness.request('a', command));
  await harness.said('a', 'up');
  const { survivors } = await launcher.stop('a', { signal: 'SIGTERM', graceMs: 300 });
  assert.deepEqual(survivors, []);
  assert.deepEqual(await harness.pidsOf('a'), []);
});

test('a process that has cleared its environment and left the group dies with the tree', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'env -i setsid sleep 987654 & echo $!; wait'));
  await harness.said('a', '\n');
  const escapee = Number.parseInt(harness.log('a'), 10);
  await until('it has left the group', () => readProcess(escapee)?.groupId === escapee);
  const { signals, survivors } = await launcher.stop('a', { signal: 'SIGTERM', graceMs: 300 });
  assert.ok(signals.some(({ pid, signal }) => pid === escapee && signal === 'SIGKILL'));
  assert.deepEqual(survivors, []);
  assert.equal(isAlive(escapee), false);
});

test('the rest of a group has the grace too when its leader ends at once', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const child = 'trap "sleep 0.3; echo tidy; exit" TERM; echo up; while :; do sleep 0.01; done';
  await launcher.launch(harness.request('a', `sh -c '${child}' & wait`));
  await harness.said('a', 'up');
  await launcher.stop('a', { signal: 'SIGTERM', graceMs: 20_000 });
  assert.match(harness.log('a'), /tidy\n$/);
  assert.equal((await launcher.exited('a')).signal, 'SIGTERM');
});

test('a second stop joins the first, whatever it asks for', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', `trap "" TERM INT; echo up; ${forever}`));
  await harness.said('a', 'up');
  const other = await harness.open();
  const first = launcher.stop('a', { signal: 'SIGTERM', graceMs: 300 });
  await launcher.status(); // The first has arrived.
  const second = other.stop('a', { signal: 'SIGINT', graceMs: 60_000 });
  const one = await first;
  assert.deepEqual(await second, one);
  assert.deepEqual(await launcher.stop('a', { signal: 'SIGINT', graceMs: 60_000 }), one);
  assert.equal((await launcher.report('a'))?.stop?.signal, 'SIGTERM');
});

test('many stops at once end many trees', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const ids = Array.from({ length: 30 }, (_, index) => `a${index}`);
  await Promise.all(ids.map((id) => launcher.launch(harness.request(id, 'sleep 1000 & sleep 1000 & echo up; wait'))));
  await Promise.all(ids.map((id) => harness.said(id, 'up')));
  const reports = await Promise.all(ids.map((id) => launcher.stop(id, { signal: 'SIGTERM', graceMs: 10_000 })));
  assert.ok(reports.every(({ survivors }) => survivors.length === 0));
  assert.deepEqual(await harness.pidsOf(), []);
  assert.ok((await launcher.reports()).every(({ exited }) => exited?.signal === 'SIGTERM'));
});

test('a stop of a job that is over kills what it has left behind', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'setsid sleep 1000 & exit 3'));
  await launcher.exited('a');
  const { survivors } = await launcher.stop('a', { signal: 'SIGTERM', graceMs: 10_000 });
  assert.deepEqual(survivors, []);
  assert.deepEqual(await harness.pidsOf('a'), []);
  assert.equal((await launcher.exited('a')).code, 3);
});

test('what a job leaves behind when it ends by itself is found and killed, and that is told', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'sleep 1000 & setsid sleep 1000 & env -i sleep 1000 & exit 0'));
  await launcher.launch(harness.request('stays', 'exec sleep 1000'));
  assert.equal((await launcher.exited('a')).code, 0);
  await until('nothing is left', async () => (await harness.pidsOf('a')).length === 0);
  await until('it is told', async () => (await launcher.report('a'))?.leftovers?.signals.length === 3);
  const { sweep } = await launcher.status();
  assert.equal(sweep.leftoversKilled, 3);
  assert.ok(sweep.sweeps >= 1);
  assert.equal((await harness.pidsOf('stays')).length, 1);
  await launcher.stop('stays', { signal: 'SIGTERM', graceMs: 1000 });
});

test('sweeps are made once a second at most, however many jobs end', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const startedMs = realClock.monotonicMs();
  for (let index = 0; index < 60; index++) {
    await launcher.launch(harness.request(`a${index}`, 'true'));
    await launcher.exited(`a${index}`);
  }
  const { sweeps } = (await launcher.status()).sweep;
  const seconds = (realClock.monotonicMs() - startedMs) / 1000; // Measured last: one more may be made until then.
  assert.ok(sweeps <= seconds + 1, `${sweeps} sweeps in ${seconds} s`);
});

/** A child of ours with this very pid, or undefined where that cannot be had. */
async function takePid(pid: number, env: NodeJS.ProcessEnv): Promise<ChildProcess | undefined> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    } catch {
      return undefined; // Only root may choose, and not everywhere.
    }
    const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore', env });
    if (child.pid === pid) return child;
    await end(child);
  }
  return undefined; // Others were faster, each time.
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('a stranger that has got the pid of a child of the job lives on when the job is stopped', async (t) => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'sleep 0.1 & echo $!; wait $!; echo reaped; sleep 60'));
  await harness.said('a', 'reaped');
  const pid = Number(harness.log('a').split('\n')[0]);
  const stranger = await takePid(pid, {});
  const { survivors, signals } = await launcher.stop('a', { signal: 'SIGTERM', graceMs: 100 });
  assert.deepEqual(survivors, []);
  if (stranger === undefined) return t.skip('the next pid cannot be chosen here');
  assert.ok(!signals.some((sent) => sent.pid === pid));
  assert.equal(stranger.signalCode, null);
  await end(stranger);
});

/** The unit of start times: a hundredth of a second. */
const ticksSinceBoot = (): number => Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100);

test('a process with the pid and the mark of one that was seen is told from it by its start time', async (t) => {
  const env = { HEDDLE_JOB_MARK: 'reuse:a' };
  const victim = spawn('/bin/sleep', ['60'], { stdio: 'ignore', env });
  await until('the mark can be read', () => readProcess(victim.pid!)?.mark === 'reuse:a');
  const seen: ProcessFacts = readProcess(victim.pid!)!;
  await end(victim);
  await until('the tick of its start is over', () => ticksSinceBoot() > Number(seen.startTime) + 1);
  const bearer = await takePid(seen.pid, env);
  if (bearer === undefined) return t.skip('the next pid cannot be chosen here');
  await until('its mark can be read', () => readProcess(bearer.pid!)?.mark === 'reuse:a');
  assert.equal(isSameProcess(seen), false);
  const signals = new SignalList();
  killVerified(seen, signals);
  assert.equal(signals.count, 0);
  assert.equal(isAlive(bearer.pid!), true);
  await end(bearer);
});
