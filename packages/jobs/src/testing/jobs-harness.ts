/**
 * A job manager on a directory of its own, with real processes, threads, tables and a real launcher.
 *
 * Disposing it stops what still runs and then proves that nothing is left: no job that is not over, no process
 * with a mark of the directory, no launcher, no passing file; and that every canary lives.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, startRuntime } from '@heddle/actors';
import { isTerminal, type JobInfo } from '@heddle/api';
import { delay, realClock, Scope } from '@heddle/base';
import { findMarked } from '@heddle/launcher';
import { JobManager } from '../job-manager.ts';
import type { JobManagerOptions } from '../options.ts';
import type { JobSubmitOptions } from '../submission.ts';

export type HarnessOptions = Omit<JobManagerOptions, 'directory' | 'runtime'>;

const LOOK_MS = 5;
/** Patience alone, for a machine that is busy with other things: whatever is waited for is told, or is an error of the product. */
const PATIENCE_MS = 60_000;

export class JobsHarness implements AsyncDisposable {
  readonly directory: string;
  readonly runtime: Runtime;
  readonly #options: HarnessOptions;
  readonly #canaries: ChildProcess[] = [];
  readonly #launcherPids = new Set<number>();
  #manager: JobManager | undefined;

  private constructor(directory: string, runtime: Runtime, options: HarnessOptions) {
    this.directory = directory;
    this.runtime = runtime;
    this.#options = { launcherIdleMs: 50, gracePeriodMs: 1_000, ...options };
  }

  /** A harness on an empty directory. `prepare` may put a state there before the manager opens it. */
  static async open(
    options: HarnessOptions = {},
    prepare?: (directory: string) => Promise<void>,
  ): Promise<JobsHarness> {
    const directory = await mkdtemp(join(tmpdir(), 'heddle-jobs-'));
    await prepare?.(directory);
    const harness = new JobsHarness(directory, await startRuntime({ workers: 0 }), options);
    await harness.openManager();
    return harness;
  }

  get manager(): JobManager {
    assert.ok(this.#manager, 'the manager is open');
    return this.#manager;
  }

  async openManager(): Promise<void> {
    this.#manager = await JobManager.open({ ...this.#options, directory: this.directory, runtime: this.runtime });
    this.noteLauncher();
  }

  /** Disposes the manager alone. */
  async closeManager(): Promise<void> {
    this.noteLauncher();
    await this.#manager?.[Symbol.asyncDispose]();
    this.#manager = undefined;
  }

  /** Remembers the launcher that lives now: it must be gone in the end. */
  noteLauncher(): number | null {
    const pid = this.#manager?.stats().launcher.pid ?? null;
    if (pid !== null) this.#launcherPids.add(pid);
    return pid;
  }

  submit(entrypoint: JobSubmitOptions['entrypoint'], options: Partial<JobSubmitOptions> = {}): Promise<string> {
    return this.manager.submitJob({ entrypoint, ...options });
  }

  info = (submissionId: string): Promise<JobInfo> => this.manager.getJobInfo(submissionId);

  /** The job once it is as wanted. */
  async until(submissionId: string, is: (info: JobInfo) => boolean): Promise<JobInfo> {
    let info: JobInfo | undefined;
    await eventually(
      async () => {
        info = await this.info(submissionId);
        return is(info);
      },
      () => `job ${submissionId} as wanted, not ${JSON.stringify(info)}`,
    );
    return info!;
  }

  untilRunning = (submissionId: string) => this.until(submissionId, ({ status }) => status === 'RUNNING');
  untilOver = (submissionId: string) => this.until(submissionId, ({ status }) => isTerminal(status));

  /** What the process wrote: the log from `logStartOffset` on. Nothing before it runs: the header has the command in it. */
  async output(submissionId: string): Promise<string> {
    const { logStartOffset, startTime } = await this.info(submissionId);
    if (startTime === null) return '';
    return this.manager.getJobLogs(submissionId, { offset: logStartOffset });
  }

  /** The job once its log holds this text. */
  async untilOutput(submissionId: string, text: string): Promise<void> {
    await eventually(
      async () => (await this.output(submissionId)).includes(text),
      () => `output ${text}`,
    );
  }

  /** An innocent process with this command line, not a job; it must survive everything. */
  async canary(command: string): Promise<void> {
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'ignore', detached: true });
    await once(child, 'spawn');
    this.#canaries.push(child);
  }

  supervisorRows() {
    return this.runtime.listActors().filter((row) => row.className === 'JobSupervisor' && row.state !== 'DEAD');
  }

  /** Every step is taken, whichever fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using ending = new Scope(); // Last named, first done.
    ending.defer(() => rm(this.directory, { recursive: true, force: true }));
    ending.defer(() => this.#endCanaries());
    ending.defer(() => this.#checkNothingIsLeft());
    ending.defer(() => this.runtime[Symbol.asyncDispose]());
    ending.defer(() => this.closeManager());
    ending.defer(() => this.#endJobs());
    if (this.#manager === undefined) ending.defer(() => this.openManager());
  }

  async #checkNothingIsLeft(): Promise<void> {
    const launcherDirectory = join(this.directory, 'launcher');
    assert.deepEqual(
      await findMarked(`${await this.identity()}:`, launcherDirectory),
      [],
      'no marked process is left, in no group',
    );
    for (const pid of this.#launcherPids)
      await eventually(
        () => !isAlive(pid),
        () => `launcher ${pid} ends by itself`,
      );
    await eventually(
      () => !existsSync(join(launcherDirectory, 'v1', 'groups')),
      () => 'the last launcher leaves no control group',
    );
    const passing = (await readdir(this.directory, { recursive: true })).filter((name) => name.endsWith('.tmp'));
    assert.deepEqual(passing, [], 'no passing file is left');
  }

  async identity(): Promise<string> {
    return (await readFile(join(this.directory, 'identity'), 'utf8')).trim();
  }

  async #endJobs(): Promise<void> {
    for (const { submissionId, status } of await this.manager.listJobs()) {
      if (isTerminal(status)) continue;
      await this.manager.stopJob(submissionId);
      await this.untilOver(submissionId);
    }
    await eventually(
      () => this.supervisorRows().length === 0,
      () => 'every supervisor exits',
    );
  }

  async #endCanaries(): Promise<void> {
    for (const child of this.#canaries) {
      assert.equal(child.exitCode, null, 'a canary lives');
      assert.equal(child.signalCode, null, 'a canary lives');
      const exit = once(child, 'exit');
      process.kill(-child.pid!, 'SIGKILL');
      await exit;
    }
  }
}

/** Resolves when `is` holds; what it looks at lies in other processes and threads. */
export async function eventually(is: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
  while (!(await is())) {
    assert.ok(realClock.monotonicMs() < deadlineMs, `in time: ${what()}`);
    await delay(realClock, LOOK_MS);
  }
}

/** Whether a process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
