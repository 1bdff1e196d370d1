/**
 * A fleet of jobs that each know what they should do, and the oracle that says after any kill whether they did:
 *
 *   1. every id that was returned is known, and nothing else is
 *   2. every attempt was started at most once, by the job's own ledger
 *   3. the reported code or signal is the one baked into the command
 *   4. the log from `logStartOffset` on is exactly the expected numbered lines
 *   5. no process carries a mark of the directory, no passing file is left
 *   6. an innocent process with the same command line and user is alive
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTerminal, type JobInfo } from '@heddle/api';
import { delay, realClock } from '@heddle/base';
import { findMarked } from '@heddle/launcher';
import { Daemon, type DaemonOptions } from './daemon.ts';

/** What a job of the fleet is to do. */
export interface Plan {
  readonly lines: number;
  readonly pauseMs: number;
  /** An exit code, or the name of a signal to die by. */
  readonly end: number | string;
}

export class Fleet implements AsyncDisposable {
  readonly directory: string;
  readonly plans = new Map<string, Plan>();
  readonly #ledger: string;
  readonly #canaries: ChildProcess[] = [];
  #daemon: Daemon | undefined;

  private constructor(directory: string) {
    this.directory = directory;
    this.#ledger = join(directory, 'ledger');
  }

  static async open(): Promise<Fleet> {
    return new Fleet(await mkdtemp(join(tmpdir(), 'heddle-fleet-')));
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon, 'a daemon runs');
    return this.#daemon;
  }

  async startDaemon(options: Partial<DaemonOptions> = {}): Promise<Daemon> {
    this.#daemon = await Daemon.start({ ...this.#options(), ...options });
    return this.#daemon;
  }

  /** A start that is killed after so long. */
  async killStartingDaemon(afterMs: number): Promise<void> {
    await Daemon.killStarting(this.#options(), afterMs);
  }

  /** `kill -9` of the launcher that lives now. */
  async killLauncher(): Promise<void> {
    const { pid } = (await this.daemon.stats()).launcher;
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }

  #options(): DaemonOptions {
    return { directory: join(this.directory, 'state'), maxRunningJobs: 64, launcherIdleMs: 200 };
  }

  /** Submits a job and remembers what it is to do, once its id is returned. */
  async submit(plan: Plan): Promise<string> {
    const submissionId = await this.daemon.submit({ entrypoint: ['/bin/sh', '-c', this.#command(plan)] });
    this.plans.set(submissionId, plan);
    return submissionId;
  }

  /** A process with the command line of a job, and no job. */
  async canary(plan: Plan): Promise<void> {
    const child = spawn('/bin/sh', ['-c', this.#command(plan)], {
      stdio: 'ignore',
      detached: true,
      env: { ...process.env },
    });
    await once(child, 'spawn');
    this.#canaries.push(child);
  }

  /** Resolves when `is` holds for all jobs of the fleet. */
  async until(is: (job: JobInfo) => boolean): Promise<Map<string, JobInfo>> {
    const deadlineMs = realClock.monotonicMs() + 30_000;
    for (;;) {
      const jobs = new Map((await this.daemon.list()).map((job) => [job.submissionId, job]));
      if (jobs.size >= this.plans.size && [...jobs.values()].every(is)) return jobs;
      assert.ok(
        realClock.monotonicMs() < deadlineMs,
        `in time, not ${JSON.stringify([...jobs.values()].filter((job) => !is(job)))}`,
      );
      await delay(realClock, 20);
    }
  }

  untilOver = () => this.until(({ status }) => isTerminal(status));

  /** The oracle. `mayBeLost`: its launcher died, so a job may be honestly lost instead of ended. */
  async check(mayBeLost = false): Promise<Map<string, JobInfo>> {
    const jobs = await this.untilOver();
    assert.deepEqual([...jobs.keys()].sort(), [...this.plans.keys()].sort(), '1: the returned ids and no other');
    const starts = await this.#starts();
    for (const [id, plan] of this.plans) {
      const job = jobs.get(id)!;
      assert.ok((starts.get(id) ?? 0) <= 1, `2: ${id} was started ${starts.get(id)} times`);
      if (mayBeLost && job.errorType === 'JOB_PROCESS_LOST') {
        assert.deepEqual([job.exitCode, job.signal], [null, null], `3: no code is invented for ${id}`);
        continue;
      }
      const expected = typeof plan.end === 'number' ? [plan.end, null] : [null, plan.end];
      assert.deepEqual([job.exitCode, job.signal], expected, `3: the end of ${id}`);
      const log = Buffer.from(await this.daemon.logs(id))
        .subarray(job.logStartOffset)
        .toString();
      assert.equal(log, linesOf(plan), `4: the log of ${id}`);
    }
    assert.deepEqual(await this.#marked(), [], '5: no marked process');
    const files = await readdir(this.directory, { recursive: true });
    assert.deepEqual(
      files.filter((name) => name.endsWith('.tmp')),
      [],
      '5: no passing file',
    );
    for (const { exitCode, signalCode } of this.#canaries)
      assert.deepEqual([exitCode, signalCode], [null, null], '6: the canary lives');
    return jobs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const canary of this.#canaries) {
      const exit = once(canary, 'exit');
      process.kill(-canary.pid!, 'SIGKILL');
      await exit;
    }
    await this.#daemon?.[Symbol.asyncDispose]();
    for (const { pid } of await this.#marked()) process.kill(pid, 'SIGKILL'); // Only where a test has failed.
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Writes its line into the ledger first of all: so the job itself says how often it was started. */
  #command({ lines, pauseMs, end }: Plan): string {
    const ending = typeof end === 'number' ? `exit ${end}` : `kill -${end.slice(3)} $$`;
    return [
      `echo $HEDDLE_JOB_ID >> ${this.#ledger}`,
      'i=1',
      `while [ $i -le ${lines} ]; do echo line $i; i=$((i+1)); sleep ${pauseMs / 1000}; done`,
      ending,
    ].join('; ');
  }

  async #starts(): Promise<Map<string, number>> {
    const ledger = await readFile(this.#ledger, 'utf8').catch(() => '');
    const starts = new Map<string, number>();
    for (const id of ledger.split('\n').filter((line) => line !== '')) starts.set(id, (starts.get(id) ?? 0) + 1);
    return starts;
  }

  async #marked() {
    const identity = await readFile(join(this.directory, 'state', 'identity'), 'utf8').catch(() => undefined);
    return identity === undefined ? [] : findMarked(`${identity.trim()}:`);
  }
}

const linesOf = ({ lines }: Plan): string => Array.from({ length: lines }, (_, at) => `line ${at + 1}\n`).join('');
