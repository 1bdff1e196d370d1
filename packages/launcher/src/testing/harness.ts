/**
 * A launcher in a directory of its own, with real processes, for tests.
 *
 * Disposing ends it and proves that nothing is left: no process with a mark of this directory, no launcher, no
 * socket, lock or passing file. A test that leaves a process behind fails here.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay, realClock } from '@heddle/base';
import type { LaunchRequest } from '../attempt.ts';
import { readGroupRoots } from '../group-roots.ts';
import { readLockHolder } from '../held-lock.ts';
import { LauncherClient } from '../launcher-client.ts';
import { launcherHome } from '../launcher-home.ts';
import { findMarked, killMarked } from '../marked-processes.ts';
import { isAlive, JOB_ID_VARIABLE, JOB_MARK_VARIABLE } from '../process-table.ts';

/** Patience alone, for a machine that is busy with other things. */
const PATIENCE_MS = 60_000;

/** Waits for what no event tells: the state of a process that is not our child, a file of another process. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(realClock.monotonicMs() < deadlineMs, `waited too long until ${what}`);
    await delay(realClock, 5);
  }
}

export interface HarnessOptions {
  readonly idleMs?: number;
  /** Below the harness's own directory. */
  readonly launcherDirectory?: string;
}

export class LauncherHarness implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'heddle-launcher-'));
  /** Where the launcher lives. */
  readonly launcherDirectory: string;
  readonly identity = `test-${randomUUID()}`;
  readonly #idleMs: number;
  readonly #clients: LauncherClient[] = [];
  readonly #launchers = new Set<number>();

  constructor(options: HarnessOptions = {}) {
    this.#idleMs = options.idleMs ?? 60_000;
    this.launcherDirectory = join(this.directory, options.launcherDirectory ?? 'launcher');
  }

  get markPrefix(): string {
    return `${this.identity}:`;
  }

  get home(): ReturnType<typeof launcherHome> {
    return launcherHome(this.launcherDirectory);
  }

  /** Files that the launcher has at present. */
  get files(): string[] {
    return existsSync(this.home.directory) ? readdirSync(this.home.directory).sort() : [];
  }

  async open(): Promise<LauncherClient> {
    const client = await LauncherClient.open({ directory: this.launcherDirectory, idleMs: this.#idleMs });
    this.#clients.push(client);
    this.#launchers.add(client.pid);
    return client;
  }

  /** A request that runs `command` in a shell, or exactly `command` if it is a list. */
  request(attemptId: string, command: string | readonly string[], changes: Partial<LaunchRequest> = {}): LaunchRequest {
    const marker = this.mark(attemptId);
    return {
      attemptId,
      jobId: `job-of-${attemptId}`,
      argv: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
      cwd: this.directory,
      env: { PATH: '/usr/bin:/bin', [JOB_ID_VARIABLE]: `job-of-${attemptId}`, [JOB_MARK_VARIABLE]: marker },
      marker,
      logFile: this.logFile(attemptId),
      logHeader: '',
      ...changes,
    };
  }

  mark(attemptId: string): string {
    return `${this.markPrefix}${attemptId}`;
  }

  logFile(attemptId: string): string {
    return join(this.directory, `${attemptId}.log`);
  }

  log(attemptId: string): string {
    return readFileSync(this.logFile(attemptId), 'utf8');
  }

  /** Waits until the attempt's log holds `text`: the job has come that far. */
  said(attemptId: string, text: string): Promise<void> {
    return until(`${attemptId} says "${text}"`, () => this.log(attemptId).includes(text));
  }

  /** Pids of the living processes that carry this attempt's mark or are in its group, or of any of this harness. */
  async pidsOf(attemptId = ''): Promise<number[]> {
    return (await findMarked(this.mark(attemptId), this.launcherDirectory)).map(({ pid }) => pid);
  }

  killLauncher(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    return until(`launcher ${pid} is dead`, () => !isAlive(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    const left = await findMarked(this.markPrefix, this.launcherDirectory);
    await killMarked(this.markPrefix, realClock, this.launcherDirectory);
    const roots = readGroupRoots(this.home.groups);
    await this.#endLaunchers();
    const files = this.files;
    const groups = roots.filter((root) => existsSync(root));
    rmSync(this.directory, { recursive: true, force: true });
    assert.deepEqual(left, [], 'processes are left');
    assert.deepEqual(groups, [], 'control groups are left');
    const passing = files.filter((name) => name !== 'journal' && name !== 'launcher.log');
    assert.deepEqual(passing, [], 'files are left');
  }

  /** A launcher that was killed leaves its files: one more is started to see that it takes them away. */
  async #endLaunchers(): Promise<void> {
    const holder = readLockHolder(this.home.lock);
    if (holder !== undefined) this.#launchers.add(holder);
    if (holder === undefined && this.files.includes('lock')) this.#launchers.add(await this.#startOnce());
    for (const pid of this.#launchers) {
      if (!isAlive(pid)) continue;
      process.kill(pid, 'SIGCONT');
      process.kill(pid, 'SIGTERM');
      await until(`launcher ${pid} has left`, () => !isAlive(pid));
    }
  }

  async #startOnce(): Promise<number> {
    try {
      await using client = await LauncherClient.open({ directory: this.launcherDirectory, idleMs: 0 });
      return client.pid;
    } catch {
      rmSync(this.home.directory, { recursive: true }); // A journal that the test has damaged.
      return 0;
    }
  }
}
