import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { type Clock, delay, realClock } from '@heddle/base';
import type { LaunchRequest } from './attempt.ts';
import { FileLock } from './file-lock.ts';
import { readLockHolder } from './held-lock.ts';
import { LauncherClient } from './launcher-client.ts';
import { nodeClock } from './node-clock.ts';
import { isAlive, readProcess } from './process-table.ts';
import { LauncherHarness, until } from './testing/harness.ts';

const stopNow = { signal: 'SIGTERM', graceMs: 5000 };

test('a job runs and its exact exit code is told', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  for (const code of [0, 1, 7, 137, 255]) {
    const started = await launcher.launch(harness.request(`exit-${code}`, `exit ${code}`));
    assert.ok(started.pid > 0 && started.startedAtMs > 0);
    const exited = await launcher.exited(`exit-${code}`);
    assert.deepEqual([exited.code, exited.signal], [code, null]);
    assert.ok(exited.endedAtMs >= started.startedAtMs);
  }
});

test('a death by signal is told as that signal, and an exit with 128 + n as a code', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('killed', 'kill -KILL $$'));
  await launcher.launch(harness.request('exits', 'sh -c "kill -KILL \\$\\$"; exit $?'));
  const { code, signal } = await launcher.exited('killed');
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
  const exits = await launcher.exited('exits');
  assert.deepEqual([exits.code, exits.signal], [137, null]);
});

test('a job has its own session and group, its own directory, umask 022 and only descriptors 0 to 2', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const command = 'pwd; umask; ls /proc/$$/fd; readlink /proc/$$/fd/0; cut -d" " -f5,6 /proc/$$/stat';
  const { pid } = await launcher.launch(harness.request('a', command));
  await launcher.exited('a');
  assert.equal(statSync(harness.logFile('a')).mode & 0o777, 0o600);
  assert.deepEqual(harness.log('a').split('\n'), [
    harness.directory,
    '0022',
    '0',
    '1',
    '2',
    '/dev/null',
    `${pid} ${pid}`,
    '',
  ]);
});

test('a job gets exactly the environment of its request', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const request = harness.request('a', ['/usr/bin/env']);
  await launcher.launch(request);
  await launcher.exited('a');
  const lines = Object.entries(request.env).map(([name, value]) => `${name}=${value}\n`);
  assert.equal(harness.log('a'), lines.join(''));
});

test('the log begins with the header and holds the exact bytes of the job, appended', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  writeFileSync(harness.logFile('a'), 'what was there\n', { mode: 0o600 });
  const command = "printf 'a\\000b\\377\\n'; printf err >&2; exit 3";
  const { logStartOffset } = await launcher.launch(harness.request('a', command, { logHeader: 'héader\n' }));
  const { logBytes } = await launcher.exited('a');
  const log = readFileSync(harness.logFile('a'));
  assert.deepEqual(log, Buffer.from('what was there\nh\xc3\xa9ader\na\0b\xff\nerr', 'latin1'));
  assert.equal(logStartOffset, log.indexOf('a\0b'));
  assert.equal(logBytes, log.length);
});

test("a job's process has the identity that was told", async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const started = await launcher.launch(harness.request('a', 'exec sleep 1000'));
  const facts = readProcess(started.pid);
  assert.equal(facts?.startTime, started.startTime);
  assert.equal(facts?.mark, harness.mark('a'));
  assert.equal(facts?.jobId, 'job-of-a');
  assert.equal(started.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  assert.match(started.pidNamespace, /^pid:\[\d+\]$/);
  await launcher.stop('a', stopNow);
});

test('an attempt is started once, however often its launch is repeated and by whomever', async () => {
  await using harness = new LauncherHarness();
  const [one, two] = await Promise.all([harness.open(), harness.open()]);
  assert.equal(one.pid, two.pid);
  const ledger = join(harness.directory, 'ledger');
  const request = harness.request('a', `echo ran >>${ledger}; exit 4`);
  const all = await Promise.all([one.launch(request), two.launch(request), one.launch(request)]);
  assert.deepEqual(all[1], all[0]);
  assert.equal((await two.exited('a')).code, 4);
  assert.deepEqual(await two.launch(request), all[0]);
  assert.equal(readFileSync(ledger, 'utf8'), 'ran\n');
  assert.equal((await one.status()).spawned, 1);
});

test('an attempt that was refused is never started, and one that was claimed cannot be refused', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  assert.equal((await launcher.refuse('a', 'job')).phase, 'refused');
  await assert.rejects(launcher.launch(harness.request('a', 'true')), {
    name: 'LaunchRefusedError',
    code: 'LAUNCH_REFUSED',
    message: 'Cannot launch attempt "a": it was refused before it was claimed',
  });
  await assert.rejects(launcher.exited('a'), { code: 'LAUNCH_REFUSED' });
  assert.deepEqual(await launcher.stop('a', stopNow), { signals: [], survivors: [] });

  const launching = launcher.launch(harness.request('b', 'exit 0'));
  assert.notEqual((await launcher.refuse('b', 'job')).phase, 'refused');
  await launching;
  await launcher.exited('b');
  assert.equal(existsSync(harness.logFile('a')), false);
});

test('what cannot be started says why, once and for all', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const cases: readonly (readonly [LaunchRequest, RegExp])[] = [
    [harness.request('no command', ['/no/such/command']), /^Cannot start "\/no\/such\/command": there is no such/],
    [
      harness.request('no directory', 'true', { cwd: '/no/such/dir' }),
      /its working directory "\/no\/such\/dir" is not/,
    ],
    [harness.request('a file', 'true', { cwd: '/etc/passwd' }), /its working directory "\/etc\/passwd" is not/],
    [harness.request('no right', ['/etc/passwd']), /^Cannot start "\/etc\/passwd": it may not be executed/],
    [harness.request('nul', ['/bin/echo', 'a\0b']), /^Cannot start "\/bin\/echo": .*null bytes/],
    [harness.request('nothing', []), /^Cannot start "": /],
    [
      harness.request('long', ['/bin/echo', 'x'.repeat(200_000)]),
      /its words .* are longer than the system takes .E2BIG/,
    ],
    [harness.request('no log', 'true', { logFile: '/no/such/log' }), /^Cannot write the log "\/no\/such\/log": ENOENT/],
  ];
  for (const [request, message] of cases) {
    await assert.rejects(launcher.launch(request), { name: 'SpawnFailedError', message });
    await assert.rejects(launcher.launch({ ...request, argv: ['/bin/true'], cwd: '/' }), { code: 'SPAWN_FAILED' });
    await assert.rejects(launcher.exited(request.attemptId), { code: 'SPAWN_FAILED' });
    const report = await launcher.report(request.attemptId);
    assert.equal(report?.phase, 'failed');
    assert.match(report.failure ?? '', message);
  }
  assert.equal((await launcher.status()).spawned, 0);
});

test('a log that takes no header at present starts nothing and is no failure: the same attempt is launched later', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const full = harness.request('a', 'echo ran', { logFile: '/dev/full', logHeader: 'head\n' });
  await assert.rejects(launcher.launch(full), { name: 'LauncherFullError', retryable: true, message: /ENOSPC/ });
  assert.equal(await launcher.report('a'), undefined);

  await launcher.launch(harness.request('a', 'echo ran', { logHeader: 'head\n' }));
  assert.equal((await launcher.exited('a')).code, 0);
  assert.equal(harness.log('a'), 'head\nran\n');

  await assert.rejects(launcher.launch({ ...full, attemptId: 'b' }), { name: 'LauncherFullError' });
  assert.equal((await launcher.refuse('b', 'job')).phase, 'refused'); // A stop makes it final meanwhile.
  await launcher.settle(['a', 'b']);
});

test('what the launcher does not know it says so', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  assert.equal(await launcher.report('a'), undefined);
  await assert.rejects(launcher.exited('a'), { name: 'AttemptUnknownError' });
  await assert.rejects(launcher.stop('a', stopNow), { code: 'ATTEMPT_UNKNOWN' });
  await launcher.launch(harness.request('a', 'true'));
  await assert.rejects(launcher.stop('a', { signal: 'SIGNONE', graceMs: 1 }), {
    name: 'LauncherFailedError',
    message: 'Cannot stop with signal "SIGNONE": there is no such signal',
  });
  await launcher.exited('a');
});

test('settled attempts are forgotten, running ones kept', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('runs', 'exec sleep 1000'));
  await launcher.launch(harness.request('over', 'true'));
  await launcher.refuse('refused', 'job');
  await launcher.exited('over');
  assert.deepEqual(
    (await launcher.reports()).map(({ attemptId, phase }) => [attemptId, phase]),
    [
      ['runs', 'started'],
      ['over', 'exited'],
      ['refused', 'refused'],
    ],
  );
  await launcher.settle(['runs', 'over', 'refused', 'unknown']);
  assert.deepEqual(
    (await launcher.reports()).map(({ attemptId }) => attemptId),
    ['runs'],
  );
  await launcher.stop('runs', stopNow);
});

test('hundreds of launches at once all run and share fsyncs', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const before = (await launcher.status()).journal.syncs;
  const codes = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      await launcher.launch(harness.request(`a${index}`, `exit ${index}`));
      return (await launcher.exited(`a${index}`)).code;
    }),
  );
  assert.deepEqual(codes, [...codes.keys()]);
  const { journal, running, spawned } = await launcher.status();
  assert.ok(journal.syncs - before < 200, `${journal.syncs - before} fsyncs`);
  assert.deepEqual([running, spawned], [0, 200]);
});

test('a second launcher on a directory is refused by the lock, and all clients share the first', async () => {
  await using harness = new LauncherHarness();
  const launchers = await Promise.all(Array.from({ length: 5 }, () => harness.open()));
  assert.equal(new Set(launchers.map(({ pid }) => pid)).size, 1);
  const { pid } = launchers[0]!;
  assert.equal(readLockHolder(harness.home.lock), pid);
  assert.notEqual(readProcess(pid)?.parentPid, process.pid, 'a thread that is terminated would leave it a zombie');
});

test('a lock whose holder does not answer is reported with its holder, and nothing is started', async () => {
  await using harness = new LauncherHarness();
  mkdirSync(harness.home.directory, { recursive: true });
  using _lock = FileLock.acquire(harness.home.lock, { pid: process.pid });
  const hasty: Clock = { ...nodeClock, monotonicMs: () => 100 * nodeClock.monotonicMs() };
  await assert.rejects(LauncherClient.open({ directory: harness.launcherDirectory, clock: hasty }), {
    name: 'LauncherUnresponsiveError',
    message: new RegExp(`its process ${process.pid} has not answered in 15000 ms$`),
  });
  assert.deepEqual(harness.files, ['lock', 'lock.holder']);
});

test('a directory whose path is too long for a socket works', async () => {
  await using harness = new LauncherHarness({ launcherDirectory: `${'deep-'.repeat(20)}/${'er-'.repeat(20)}` });
  assert.ok(harness.home.socket.length > 150);
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'exit 5'));
  const again = await harness.open();
  assert.equal((await again.exited('a')).code, 5);
  assert.equal(again.pid, launcher.pid);
});

test('a launcher that is stopped is reported as such, and no second one is started', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  process.kill(launcher.pid, 'SIGSTOP');
  await assert.rejects(harness.open(), {
    name: 'LauncherStoppedError',
    pid: launcher.pid,
    message: new RegExp(`its process ${launcher.pid} is stopped`),
  });
  process.kill(launcher.pid, 'SIGCONT');
  assert.equal((await harness.open()).pid, launcher.pid);
});

test('a launcher that speaks no common protocol is reported, with both ranges', async () => {
  await using harness = new LauncherHarness();
  mkdirSync(harness.home.directory, { recursive: true });
  const hello = Buffer.from(JSON.stringify({ protocol: 9, minProtocol: 8, pid: 4711 }));
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.write(Buffer.concat([Buffer.from([hello.length, 0, 0, 0]), hello]));
  });
  await new Promise<void>((resolve) => server.listen(harness.home.socket, resolve));
  await assert.rejects(LauncherClient.open({ directory: harness.launcherDirectory }), {
    name: 'LauncherProtocolError',
    message: 'Cannot speak to launcher 4711: it speaks protocols 8 to 9, this version 1 to 1',
  });
  await new Promise((resolve) => server.close(resolve));
});

test('a directory that cannot be used is a launcher that cannot be started', async () => {
  await using harness = new LauncherHarness();
  writeFileSync(harness.launcherDirectory, 'a file');
  await assert.rejects(LauncherClient.open({ directory: harness.launcherDirectory }), {
    name: 'LauncherStartError',
    message: /^Cannot start a launcher for ".*": ENOTDIR/,
  });
});

test('wrong options are refused before anything is done', async () => {
  await assert.rejects(LauncherClient.open({ directory: '/nowhere', idleMs: -1 }), RangeError);
  await assert.rejects(LauncherClient.open({ directory: 7 as never }), TypeError);
});

test('an idle launcher leaves, and leaves nothing behind', async () => {
  await using harness = new LauncherHarness({ idleMs: 50 });
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'true'));
  await launcher.exited('a');
  await launcher.settle(['a']);
  await launcher[Symbol.asyncDispose]();
  await until('it has left', () => !isAlive(launcher.pid));
  assert.deepEqual(harness.files, []);
});

test('an idle launcher that leaves with unsettled exits leaves its journal, and the next one tells them', async () => {
  await using harness = new LauncherHarness({ idleMs: 50 });
  const first = await harness.open();
  const started = await first.launch(harness.request('a', 'exit 9'));
  const exited = await first.exited('a');
  await first[Symbol.asyncDispose]();
  await until('it has left', () => !isAlive(first.pid));
  assert.deepEqual(harness.files, ['journal']);

  const second = await harness.open();
  assert.notEqual(second.pid, first.pid);
  assert.deepEqual(await second.exited('a'), exited);
  assert.deepEqual(await second.launch(harness.request('a', 'exit 0')), started);
  assert.equal((await second.report('a'))?.isOrphaned, undefined);
});

test('a launcher stays as long as a job runs or a client is connected', async () => {
  await using harness = new LauncherHarness({ idleMs: 0 });
  const first = await harness.open();
  await first.launch(harness.request('a', 'read line <fifo || sleep 1000', { cwd: harness.directory }));
  await first[Symbol.asyncDispose]();
  await delay(realClock, 300); // Longer than the idle time by far: nothing tells of a launcher that did not leave.
  const second = await harness.open();
  assert.equal(second.pid, first.pid);
  await second.stop('a', stopNow);
  await second.settle(['a']);
  await delay(realClock, 300);
  assert.equal((await second.status()).running, 0);
});

test('SIGTERM ends a launcher only when its jobs are over, and does not touch them', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  const fifo = join(harness.directory, 'go');
  await launcher.launch(harness.request('a', `while ! test -e ${fifo}; do sleep 0.01; done; exit 6`));
  process.kill(launcher.pid, 'SIGTERM');
  process.kill(launcher.pid, 'SIGINT');
  process.kill(launcher.pid, 'SIGHUP');
  assert.equal((await launcher.status()).running, 1);
  writeFileSync(fifo, '');
  assert.equal((await launcher.exited('a')).code, 6);
  await launcher.closed;
  await until('it has left', () => !isAlive(launcher.pid));
  assert.deepEqual(harness.files, ['journal']);
});

test('a client that is disposed ends nothing, and its open questions reject', async () => {
  await using harness = new LauncherHarness();
  const first = await harness.open();
  await first.launch(harness.request('a', 'exec sleep 1000'));
  const waiting = assert.rejects(first.exited('a'), { name: 'LauncherGoneError' });
  await first[Symbol.asyncDispose]();
  await first.closed;
  await waiting;
  await assert.rejects(first.report('a'), { code: 'LAUNCHER_GONE' });
  const second = await harness.open();
  assert.equal((await second.report('a'))?.phase, 'started');
  await second.stop('a', stopNow);
});
