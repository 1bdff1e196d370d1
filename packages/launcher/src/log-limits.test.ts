import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { LogLimit } from './attempt.ts';
import { LauncherHarness, until } from './testing/harness.ts';

const limit = (bytes: number, policy: LogLimit['policy']): { logLimit: LogLimit } => ({
  logLimit: { bytes, policy, stopSignal: 'SIGTERM', graceMs: 500 },
});

const waitsFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.01; done`;

test('a log beyond its limit keeps its first bytes, and a marker that counts what was dropped', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const write = 'head -c 5000 /dev/zero | tr "\\\\0" x';
  await launcher.launch(harness.request('a', write, { ...limit(1000, 'truncate'), logHeader: 'header\n' }));
  const { code, logBytes, logLimitExceeded } = await launcher.exited('a');
  const log = harness.log('a');
  const marker = '\n[heddle] log limit of 1000 bytes reached: 4007 bytes after it were dropped\n';
  assert.equal(log, `header\n${'x'.repeat(993)}${marker}`);
  assert.deepEqual([code, logBytes, logLimitExceeded], [0, log.length, undefined]);
});

test('a log within its limit is left exactly as it is', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'printf "%s" 1234567890', limit(10, 'truncate')));
  assert.equal((await launcher.exited('a')).logBytes, 10);
  assert.equal(harness.log('a'), '1234567890');
});

test('a job that goes on writing is cut again and again, and its log stays near the limit', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const go = join(harness.directory, 'go');
  const burst = 'head -c 200000 /dev/zero';
  const command = `${burst}; ${waitsFor(go)}; ${burst}; ${waitsFor(`${go}2`)}`;
  await launcher.launch(harness.request('a', command, limit(100_000, 'truncate')));
  const isCut = () => statSync(harness.logFile('a')).size < 101_000;
  await until('the log is cut', () => harness.log('a').includes('100000 bytes after it were dropped'));
  writeFileSync(go, '');
  await until('it is cut again', () => harness.log('a').includes('300000 bytes after it were dropped'));
  assert.ok(isCut());
  writeFileSync(`${go}2`, '');
  assert.equal((await launcher.exited('a')).code, 0);
});

test('under the policy stop a job with too long a log is stopped with all its processes, and nothing is dropped', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const command = 'trap "" TERM; head -c 3000 /dev/zero; sleep 60 & while :; do sleep 0.01; done';
  await launcher.launch(harness.request('a', command, limit(1000, 'stop')));
  const { signal, logLimitExceeded } = await launcher.exited('a');
  assert.deepEqual([signal, logLimitExceeded], ['SIGKILL', true]);
  assert.match(harness.log('a'), /^\0{3000}\n\[heddle\] log limit of 1000 bytes exceeded at 3000 bytes: .*stopped\n$/);
  await until('the stop is over', async () => (await launcher.report('a'))?.stop?.report !== undefined);
  assert.deepEqual(await harness.pidsOf('a'), []);
});
