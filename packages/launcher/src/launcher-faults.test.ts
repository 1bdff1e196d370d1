import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { realClock } from '@heddle/base';
import type { LaunchRequest } from './attempt.ts';
import { makeLauncherHome } from './launcher-home.ts';
import { findMarked, killMarked } from './marked-processes.ts';
import { isAlive, readProcess } from './process-table.ts';
import { firstWords } from './testing/first-words.ts';
import { LauncherHarness, until } from './testing/harness.ts';

const DAEMON = fileURLToPath(new URL('./testing/daemon.ts', import.meta.url));

/** A daemon that launches one job and is killed with its whole process group. Gives its launcher's pid. */
async function runAndKillDaemon(harness: LauncherHarness, request: LaunchRequest, ...more: string[]): Promise<number> {
  const args = ['--conditions=heddle-source', DAEMON, harness.launcherDirectory, JSON.stringify(request), ...more];
  const daemon = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', NODE_OPTIONS: '--no-deprecation', SECRET_TOKEN: 'not for the launcher' },
  });
  const exited = once(daemon, 'exit');
  const said = await firstWords(daemon);
  process.kill(-daemon.pid!, 'SIGKILL');
  await exited;
  return Number(said);
}

/** A process like a job's that is none. */
class Innocent implements AsyncDisposable {
  readonly #child = spawn('sleep', ['4711'], { stdio: 'ignore', detached: true });

  get pid(): number {
    return this.#child.pid!;
  }

  get isAlive(): boolean {
    return isAlive(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const hasEnded = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await hasEnded;
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'ended';
  }
}

/** Ends when `file` is there. */
const waitsFor = (file: string): string => `while ! test -e ${file}; do sleep 0.01; done`;

test('a launcher outlives the SIGKILL of the whole group of its daemon, and the next one gets the exact exit', async () => {
  await using harness = new LauncherHarness();
  const go = join(harness.directory, 'go');
  const request = harness.request('a', `echo before; ${waitsFor(go)}; echo after; exit 42`, { logHeader: 'head\n' });
  const launcherPid = await runAndKillDaemon(harness, request);
  await harness.said('a', 'before');

  const launcher = await harness.open();
  assert.equal(launcher.pid, launcherPid);
  const report = await launcher.report('a');
  assert.equal(report?.phase, 'started');
  assert.deepEqual(await launcher.launch(request), report.started);
  writeFileSync(go, '');
  assert.equal((await launcher.exited('a')).code, 42);
  assert.equal(harness.log('a'), 'head\nbefore\nafter\n');
});

test('a job that ends while no daemon is there has its exact exit in the next report', async () => {
  await using harness = new LauncherHarness();
  const launcherPid = await runAndKillDaemon(harness, harness.request('a', 'kill -USR1 $$'));
  const launcher = await harness.open();
  assert.equal(launcher.pid, launcherPid);
  const { code, signal } = await launcher.exited('a');
  assert.deepEqual([code, signal], [null, 'SIGUSR1']);
});

test('a launcher has a session of its own, / for a directory, and nothing of its daemon', async () => {
  await using harness = new LauncherHarness();
  const pid = await runAndKillDaemon(harness, harness.request('a', 'true'));
  const facts = readProcess(pid)!;
  const ours = readProcess(process.pid)!;
  assert.notEqual(facts.sessionId, ours.sessionId);
  assert.notEqual(facts.groupId, ours.groupId);
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  assert.doesNotMatch(environment, /NODE_OPTIONS|SECRET_TOKEN|PATH=/);
  const [node, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const [main, directory] = words.filter((word) => !word.startsWith('--'));
  assert.equal(node, process.execPath);
  assert.ok(!words.some((word) => process.execArgv.includes(word)), 'no flag of the daemon');
  assert.match(main!, /main\.ts$/);
  assert.equal(directory, harness.launcherDirectory);
});

test('descriptors that the daemon has inherited reach no job', async () => {
  await using harness = new LauncherHarness();
  const request = harness.request('a', 'ls /proc/$$/fd');
  const args = ['--conditions=heddle-source', DAEMON, harness.launcherDirectory, JSON.stringify(request)];
  const daemon = spawn('/bin/sh', ['-c', 'exec 5</dev/null 9</dev/zero; exec "$@"', 'sh', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(daemon, 'exit');
  await firstWords(daemon);
  daemon.kill('SIGKILL');
  await exited;
  const launcher = await harness.open();
  await launcher.exited('a');
  assert.equal(harness.log('a'), '0\n1\n2\n');
});

test('a stop goes on when the daemon that asked for it is killed', async () => {
  await using harness = new LauncherHarness();
  const command = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
  await runAndKillDaemon(harness, harness.request('a', command), '200');
  const launcher = await harness.open();
  assert.equal((await launcher.exited('a')).signal, 'SIGKILL');
  const report = await launcher.stop('a', { signal: 'SIGINT', graceMs: 60_000 });
  assert.equal(report.signals[0]?.signal, 'SIGTERM');
  assert.equal((await launcher.report('a'))?.stop?.graceMs, 200);
});

test('when the launcher is killed its clients learn it at once, and everything that waits rejects', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await launcher.launch(harness.request('a', 'exec sleep 1000'));
  const gone = { name: 'LauncherGoneError', code: 'LAUNCHER_GONE', retryable: false };
  // A signal that ends nothing: the job shall not have ended before its launcher.
  const waiting = [launcher.exited('a'), launcher.stop('a', { signal: 'SIGURG', graceMs: 60_000 })];
  const rejections = waiting.map((each) => assert.rejects(each, gone));
  await launcher.status();
  await harness.killLauncher(launcher.pid);
  await launcher.closed;
  await Promise.all(rejections);
  await assert.rejects(launcher.launch(harness.request('b', 'true')), gone);
  await killMarked(harness.markPrefix, realClock);
});

test('after the death of a launcher its leftovers are found and killed, escapees too, and no innocent', async () => {
  await using harness = new LauncherHarness();
  const launcher = await harness.open();
  await using innocent = new Innocent();
  const tree = 'sleep 4711 & setsid sleep 4711 & (setsid sh -c "sleep 4711 & sleep 4711; :" &); echo up; sleep 4711';
  await launcher.launch(harness.request('a', tree));
  await launcher.launch(harness.request('a2', 'echo up; exec sleep 4711'));
  await until('both trees stand', async () => {
    const names = (await harness.pidsOf()).map(nameOf).sort();
    return names.join() === 'sh,sh,sleep,sleep,sleep,sleep,sleep,sleep';
  });
  await harness.killLauncher(launcher.pid);

  const found = await findMarked(harness.markPrefix);
  assert.equal(found.length, 8);
  assert.deepEqual(new Set(found.map(({ jobId }) => jobId)), new Set(['job-of-a', 'job-of-a2']));
  const report = await killMarked(harness.mark('a'), realClock);
  assert.equal(report.signals.length, 7);
  assert.deepEqual(report.survivors, []);
  const left = await findMarked(harness.markPrefix);
  assert.deepEqual(
    left.map(({ mark }) => mark),
    [harness.mark('a2')],
  );
  assert.equal((await killMarked(left, realClock)).signals.length, 1);
  assert.deepEqual(await findMarked(harness.markPrefix), []);
  assert.equal(innocent.isAlive, true);
});

test('the launcher after one that was killed says what is orphaned, launches nothing again, and kills on stop', async () => {
  await using harness = new LauncherHarness();
  const first = await harness.open();
  const started = await first.launch(harness.request('runs', 'trap "" TERM; echo up; while :; do sleep 1; done'));
  await first.launch(harness.request('over', 'exit 3'));
  await first.exited('over');
  await first.refuse('refused', 'job');
  await harness.said('runs', 'up');
  await harness.killLauncher(first.pid);

  const second = await harness.open();
  assert.notEqual(second.pid, first.pid);
  const report = await second.report('runs');
  assert.deepEqual([report?.phase, report?.isOrphaned, report?.started], ['started', true, started]);
  const over = await second.report('over');
  assert.deepEqual([over?.exited?.code, over?.isOrphaned], [3, undefined]);
  await assert.rejects(second.exited('runs'), { code: 'LAUNCHER_GONE' });
  assert.deepEqual(await second.launch(harness.request('runs', 'true')), started);
  await assert.rejects(second.launch(harness.request('refused', 'true')), { code: 'LAUNCH_REFUSED' });
  assert.equal((await second.status()).spawned, 0);

  const { signals, survivors } = await second.stop('runs', { signal: 'SIGTERM', graceMs: 100 });
  assert.ok(signals.some(({ pid, signal }) => pid === started.pid && signal === 'SIGKILL'));
  assert.deepEqual(survivors, []);
  assert.deepEqual(await harness.pidsOf('runs'), []);
});

test('a launcher whose pid has become another process by a boot is gone: the next one is started at once', async () => {
  await using harness = new LauncherHarness();
  await using innocent = new Innocent();
  makeLauncherHome(harness.home);
  writeFileSync(harness.home.lock, '');
  writeFileSync(`${harness.home.lock}.holder`, JSON.stringify({ pid: innocent.pid }));
  const launcher = await harness.open();
  assert.notEqual(launcher.pid, innocent.pid);
  assert.ok(innocent.isAlive);
});

test('a journal with a flipped bit is refused loudly and left as it is; a torn tail is not', async () => {
  await using harness = new LauncherHarness();
  const first = await harness.open();
  await first.launch(harness.request('a', 'exit 3'));
  await first.exited('a');
  await harness.killLauncher(first.pid);
  const { journal } = harness.home;
  const intact = readFileSync(journal);
  const flipped = Buffer.from(intact);
  flipped[200]! ^= 1;
  writeFileSync(journal, flipped);
  await assert.rejects(harness.open(), {
    name: 'JournalDamagedError',
    code: 'JOURNAL_DAMAGED',
    message: /^Cannot read the journal: record \d+ at byte \d+ is damaged/,
  });
  assert.deepEqual(readFileSync(journal), flipped);
  assert.deepEqual(harness.files, ['journal', 'launcher.log']);

  const end = intact.lastIndexOf('}') + 1;
  writeFileSync(journal, intact.subarray(0, end - 5)); // The exit's record was never finished.
  const second = await harness.open();
  const report = await second.report('a');
  assert.deepEqual([report?.phase, report?.isOrphaned], ['started', true]);
});

test('a launcher whose directory is removed goes on with its jobs, and leaves when they are over', async () => {
  await using harness = new LauncherHarness({ idleMs: 50 });
  const launcher = await harness.open();
  const go = join(harness.directory, 'go');
  await launcher.launch(harness.request('a', `${waitsFor(go)}; exit 8`));
  rmSync(harness.launcherDirectory, { recursive: true });
  writeFileSync(go, '');
  assert.equal((await launcher.exited('a')).code, 8);
  await launcher[Symbol.asyncDispose]();
  await until('it has left', () => !isAlive(launcher.pid));
});
