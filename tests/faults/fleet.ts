/**
 * A fleet of jobs that each know what they should do, and the oracle that says after any kill whether they did:
 *
 *   1. every id that was returned is known, and nothing else is
 *   2. every attempt was started at most once, by the job's own ledger
 *   3. the reported code or signal is the one baked into the command
 *   4. the log from `logStartOffset` on is exactly the expected numbered lines
 *   5. no process carries a mark of the directory, no control group is left, no zombie, no supervisor, no attempt in the launcher, no passing file
 *   6. an innocent process with the same command line and user is alive
 *   7. the daemon was ready in time
 *
 * What a fault leaves open is let open, and no more: a call that was never answered may have been done or not, a job
 * whose launcher was killed may be honestly lost, and one whose leader was killed may have died of that.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTerminal, type JobInfo } from '@heddle/api';
import { delay, realClock } from '@heddle/base';
import type { JobSubmitOptions } from '@heddle/jobs';
import { findMarked } from '@heddle/launcher';
import { ControlGroup } from '../../packages/launcher/src/control-group.ts';
import { findGroups, readGroupRoots } from '../../packages/launcher/src/group-roots.ts';
import { readLockHolder } from '../../packages/launcher/src/held-lock.ts';
import { LauncherClient } from '../../packages/launcher/src/launcher-client.ts';
import { launcherHome } from '../../packages/launcher/src/launcher-home.ts';
import { Daemon, type DaemonOptions, type StartingDaemon } from './daemon.ts';

/** What a job of the fleet is to do. */
export interface Plan {
  readonly lines: number;
  readonly pauseMs: number;
  /** An exit code, or the name of a signal to die by. */
  readonly end: number | string;
  readonly ignoresTerm?: boolean;
  /** After its lines it goes on until the fleet lets it go: it is in flight for certain, however slow the machine. */
  readonly isHeld?: boolean;
  readonly options?: Partial<JobSubmitOptions>;
}

/** What may have become of a job beside its plan. */
interface Fate {
  /** The id was returned. */
  isKnown: boolean;
  /** A stop was answered with true, or not answered. */
  stop: 'asked' | 'promised' | undefined;
  /** A deletion was answered, or not. */
  deletion: 'asked' | 'done' | undefined;
  /** Its launcher was killed while it was not over. */
  mayBeLost: boolean;
  /** Its leader was killed. */
  mayBeKilled: boolean;
}

const PATIENCE_MS = 60_000;
/** How often whoever looks after a daemon starts it, before a fault is found in that it does not come up. */
const DAEMON_STARTS_MAX = 5;
const NOTHING_BEGINS = 'nothing is begun any more';
/** How long a launcher whose jobs and daemon were killed may take to leave: patience alone. */
const ABANDONED_MS = 30_000;
/** On a machine of two cores that does many other things. */
const READY_MS = 30_000;

export class Fleet implements AsyncDisposable {
  /** Those that are not disposed. */
  static readonly #living = new Set<Fleet>();
  static #isAbandoned = false;
  /** The directory of the latest. */
  static #opening: Promise<string> | undefined;

  readonly directory: string;
  readonly plans = new Map<string, Plan>();
  readonly #fates = new Map<string, Fate>();
  readonly #ledger: string;
  readonly #go: string;
  readonly #canaries: ChildProcess[] = [];
  readonly #environment: Readonly<Record<string, string>>;
  #daemon: Daemon | undefined;
  /** Each leads a process group. */
  readonly #daemonPids = new Set<number>();
  #submitted = 0;
  #longestReadyMs = 0;

  private constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.#ledger = join(directory, 'ledger');
    this.#go = join(directory, 'go');
    this.#environment = environment;
    Fleet.#living.add(this);
  }

  /** `environment` is given to every daemon, and is made from the fleet's directory. */
  static async open(environment: (directory: string) => Readonly<Record<string, string>> = () => ({})): Promise<Fleet> {
    assert.ok(!Fleet.#isAbandoned, NOTHING_BEGINS);
    Fleet.#opening = mkdtemp(join(tmpdir(), 'heddle-fleet-'));
    const directory = await Fleet.#opening;
    return new Fleet(directory, environment(directory));
  }

  /** For a program that is interrupted: kills all that lives of all fleets, and removes their files. Nothing is asked any more. */
  static async abandonAll(): Promise<void> {
    Fleet.#isAbandoned = true;
    await Fleet.#opening;
    await Promise.all(Array.from(Fleet.#living, (fleet) => fleet.#abandon()));
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon, 'a daemon runs');
    return this.#daemon;
  }

  /** The longest that a daemon took to be ready. */
  get longestReadyMs(): number {
    return this.#longestReadyMs;
  }

  async startDaemon(options: Partial<DaemonOptions> = {}): Promise<Daemon> {
    const startedMs = realClock.monotonicMs();
    this.#daemon = await this.beginDaemon(options).ready;
    this.#longestReadyMs = Math.max(this.#longestReadyMs, realClock.monotonicMs() - startedMs);
    return this.#daemon;
  }

  /** What whoever looks after a daemon does: starts it again when it could not come up. */
  async startAgain(): Promise<void> {
    for (let starts = 1; ; starts++) {
      try {
        await this.startDaemon();
        return;
      } catch (error) {
        if (starts === DAEMON_STARTS_MAX) throw new Error('a daemon does not come up', { cause: error });
      }
    }
  }

  /** Begins to start a daemon; whoever calls this says by `took` if it came up. */
  beginDaemon(options: Partial<DaemonOptions> = {}, tracer: readonly string[] = []): StartingDaemon {
    assert.ok(!Fleet.#isAbandoned, NOTHING_BEGINS);
    const starting = Daemon.begin({ ...this.#options(), ...options }, this.#environment, tracer);
    this.#daemonPids.add(starting.pid);
    void starting.ended.then(() => this.#daemonPids.delete(starting.pid));
    return starting;
  }

  /** Ends the daemon in order; jobs run on. */
  async endDaemon(): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
  }

  took(daemon: Daemon): void {
    this.#daemon = daemon;
  }

  /** A start that is killed after so long. */
  async killStartingDaemon(afterMs: number): Promise<void> {
    const starting = this.beginDaemon();
    await delay(realClock, afterMs);
    kill(-starting.pid);
    await starting.ended;
  }

  /** `kill -9` of the launcher that lives now. */
  async killLauncher(): Promise<void> {
    const pid = this.launcherPid();
    for (const fate of this.#fates.values()) fate.mayBeLost = true;
    if (pid !== undefined) kill(pid);
  }

  /** By its lock: also while there is no daemon. */
  launcherPid(): number | undefined {
    return readLockHolder(launcherHome(join(this.directory, 'state', 'launcher')).lock);
  }

  /** `kill -9` of the leader of some job that runs. False: none does. */
  async killJob(choose: (count: number) => number = () => 0): Promise<boolean> {
    const leaders = (await this.#marked()).filter(({ pid, groupId }) => pid === groupId);
    const victim = leaders[choose(leaders.length)];
    if (victim === undefined) return false;
    this.#fates.get(victim.jobId ?? '')!.mayBeKilled = true;
    kill(victim.pid);
    return true;
  }

  #options(): DaemonOptions {
    return { directory: join(this.directory, 'state'), maxRunningJobs: 64, launcherIdleMs: 200 };
  }

  /** Submits a job and remembers what it is to do, once its id is returned. */
  async submit(plan: Plan): Promise<string> {
    const submissionId = `job_${++this.#submitted}`;
    const fate: Fate = {
      isKnown: false,
      stop: undefined,
      deletion: undefined,
      mayBeLost: false,
      mayBeKilled: false,
    };
    this.#fates.set(submissionId, fate);
    this.#unanswered.set(submissionId, plan);
    const entrypoint = ['/bin/sh', '-c', this.#command(plan)];
    await this.daemon.submit({ entrypoint, submissionId, ...plan.options });
    fate.isKnown = true;
    this.#unanswered.delete(submissionId);
    this.plans.set(submissionId, plan);
    return submissionId;
  }

  readonly #unanswered = new Map<string, Plan>();

  async stop(submissionId: string): Promise<boolean> {
    const fate = this.#fates.get(submissionId)!;
    fate.stop ??= 'asked';
    const isStopped = await this.daemon.stop(submissionId);
    if (isStopped) fate.stop = 'promised';
    return isStopped;
  }

  async delete(submissionId: string): Promise<void> {
    const fate = this.#fates.get(submissionId)!;
    fate.deletion ??= 'asked';
    await this.daemon.call('deleteJob', submissionId);
    fate.deletion = 'done';
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
    const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const jobs = new Map((await this.daemon.list()).map((job) => [job.submissionId, job]));
      const expected = [...this.plans.keys()].filter((id) => this.#fates.get(id)!.deletion === undefined);
      if (jobs.size >= expected.length && [...jobs.values()].every(is)) return jobs;
      assert.ok(
        realClock.monotonicMs() < deadlineMs,
        `in time, not ${JSON.stringify([...jobs.values()].filter((job) => !is(job)))}; of ${expected}`,
      );
      await delay(realClock, 20);
    }
  }

  untilOver = () => this.until(({ status }) => isTerminal(status));

  /** Resolves when the log of this job holds the text. */
  async untilSaid(submissionId: string, text: string): Promise<void> {
    await this.#eventually(`${submissionId} says ${text}`, async () =>
      (await this.daemon.logs(submissionId)).includes(text),
    );
  }

  /** Jobs that are held go on to their ends. */
  async letGo(): Promise<void> {
    await writeFile(this.#go, '');
  }

  /** The oracle; nobody is held any more. */
  async check(): Promise<Map<string, JobInfo>> {
    await this.letGo();
    const jobs = await this.untilOver();
    this.#checkIds(new Set(jobs.keys()));
    for (const [mark, count] of await this.#starts()) assert.ok(count <= 1, `2: ${mark} was started ${count} times`);
    for (const job of jobs.values()) await this.#checkEnd(job);
    await this.#checkNothingIsLeft();
    for (const { exitCode, signalCode } of this.#canaries)
      assert.deepEqual([exitCode, signalCode], [null, null], '6: the canary lives');
    assert.ok(this.#longestReadyMs < READY_MS, `7: a daemon took ${this.#longestReadyMs} ms to be ready`);
    return jobs;
  }

  /** What has been checked is over and done with. */
  async forget(): Promise<void> {
    for (const { submissionId } of await this.daemon.list()) await this.daemon.call('deleteJob', submissionId);
    this.plans.clear();
    this.#unanswered.clear();
    this.#fates.clear();
    await rm(this.#ledger, { force: true });
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
    Fleet.#living.delete(this);
  }

  /** The launcher that would take its control groups with it is killed too, and so they are removed here. */
  async #abandon(): Promise<void> {
    for (const canary of this.#canaries) kill(-canary.pid!);
    for (const pid of this.#daemonPids) kill(-pid);
    await rm(join(this.directory, 'points'), { recursive: true, force: true }); // Whoever stands still at one goes on.
    const deadlineMs = realClock.monotonicMs() + ABANDONED_MS;
    for (; realClock.monotonicMs() < deadlineMs; await delay(realClock, 20)) {
      const pids = [...(await this.#marked()).map(({ pid }) => pid), ...(await pidsNaming(this.directory))];
      if (pids.length === 0) break;
      for (const pid of pids) kill(pid);
    }
    const groups = readGroupRoots(launcherHome(this.#launcherDirectory).groups).map((root) => new ControlGroup(root));
    while (!groups.every((group) => group.remove()) && realClock.monotonicMs() < deadlineMs) await delay(realClock, 20);
    await rm(this.directory, { recursive: true, force: true });
  }

  #checkIds(known: ReadonlySet<string>): void {
    for (const [id, { isKnown, deletion }] of this.#fates) {
      if (deletion === 'done') assert.ok(!known.has(id), `1: ${id} was deleted and is known`);
      else if (isKnown && deletion === undefined) assert.ok(known.has(id), `1: ${id} was returned and is not known`);
    }
    for (const id of known) assert.ok(this.#fates.has(id), `1: ${id} was never submitted`);
  }

  async #checkEnd(job: JobInfo): Promise<void> {
    const { submissionId: id, status, errorType, exitCode, signal, logStartOffset } = job;
    const plan = this.plans.get(id) ?? this.#unanswered.get(id)!;
    const fate = this.#fates.get(id)!;
    const log = Buffer.from(await this.daemon.logs(id))
      .subarray(logStartOffset)
      .toString();
    const output = job.startTime === null ? withoutHeaders(log) : log;
    if (fate.stop === 'promised') assert.equal(status, 'STOPPED', `3: ${id} was to be STOPPED`);
    if (status === 'STOPPED') {
      assert.ok(fate.stop, `3: nobody has stopped ${id}`);
      assert.ok(linesOf(plan).startsWith(output), `4: the log of ${id}, which was stopped`);
      return;
    }
    if (errorType === 'JOB_PROCESS_LOST') {
      assert.ok(fate.mayBeLost, `3: ${id} is lost, and its launcher lived`);
      assert.deepEqual([exitCode, signal], [null, null], `3: no code is invented for ${id}`);
      assert.ok(linesOf(plan).startsWith(output), `4: the log of ${id}, which was lost: ${JSON.stringify(output)}`);
      return;
    }
    if (fate.mayBeKilled && signal === 'SIGKILL') {
      assert.ok(linesOf(plan).startsWith(output), `4: the log of ${id}, which was killed: ${JSON.stringify(output)}`);
      return;
    }
    const expected = typeof plan.end === 'number' ? [plan.end, null] : [null, plan.end];
    assert.deepEqual([exitCode, signal], expected, `3: the end of ${id}, ${status}: ${job.message}`);
    if (fate.deletion === undefined) assert.equal(output, linesOf(plan), `4: the log of ${id}`);
  }

  async #checkNothingIsLeft(): Promise<void> {
    await this.#checkNoMarked();
    await this.#eventually('5: no supervisor is left', async () =>
      (await this.daemon.actors()).every(({ className, state }) => className !== 'JobSupervisor' || state === 'DEAD'),
    );
    await this.#eventually('5: the launcher remembers nothing', () => this.#hasLauncherForgotten());
    await this.#eventually('5: no control group is left', async () => (await this.#groups()).length === 0);
    await this.#eventually('5: no passing file is left', async () => {
      const files = await readdir(this.directory, { recursive: true });
      return !files.some((name) => name.endsWith('.tmp')); // One may just be passing: a journal is being rewritten.
    });
    const parents = [this.daemon.pid, this.launcherPid()].filter((pid) => pid !== undefined);
    await this.#eventually('5: no zombie is left', async () => (await zombiesOf(parents)).length === 0);
  }

  /**
   * A job whose leader was killed is over at once; what it leaves behind, such as the `sleep` that it waited for, is
   * swept away within a second or so. Of any other nothing lives when its end is told.
   */
  async #checkNoMarked(): Promise<void> {
    const ofOthers = (await this.#marked()).filter(({ jobId }) => !this.#fates.get(jobId ?? '')?.mayBeKilled);
    assert.deepEqual(ofOthers, [], '5: no marked process');
    const isGone = async () => (await this.#marked()).length === 0;
    await this.#eventually('5: nothing is left of a job whose leader was killed', isGone);
  }

  /** What the word of a dead daemon should have settled, the sweep of the living one does. */
  async #hasLauncherForgotten(): Promise<boolean> {
    const isSwept = await this.daemon.call('sweepOrphans').then(
      () => true,
      () => false, // The launcher has just been killed: the next look finds another.
    );
    if (!isSwept) return false;
    const directory = join(this.directory, 'state', 'launcher');
    await using launcher = await LauncherClient.open({ directory, idleMs: 200 });
    return (await launcher.reports()).length === 0;
  }

  /** Writes its line into the ledger first of all: so the job itself says how often each attempt was started. */
  #command({ lines, pauseMs, end, ignoresTerm, isHeld }: Plan): string {
    const ending = typeof end === 'number' ? `exit ${end}` : `kill -${end.slice(3)} $$`;
    return [
      `echo $HEDDLE_JOB_MARK >> ${this.#ledger}`,
      ...(ignoresTerm ? ['trap "" TERM'] : []),
      'i=1',
      `while [ $i -le ${lines} ]; do echo line $i; i=$((i+1)); sleep ${pauseMs / 1000}; done`,
      ...(isHeld ? [`while [ ! -e ${this.#go} ]; do sleep 0.02; done`] : []),
      ending,
    ].join('; ');
  }

  async #starts(): Promise<Map<string, number>> {
    const ledger = await readFile(this.#ledger, 'utf8').catch(() => '');
    const starts = new Map<string, number>();
    for (const mark of ledger.split('\n').filter((line) => line !== '')) starts.set(mark, (starts.get(mark) ?? 0) + 1);
    return starts;
  }

  async #marked() {
    const prefix = await this.#markPrefix();
    return prefix === undefined ? [] : findMarked(prefix, this.#launcherDirectory);
  }

  async #groups() {
    const prefix = await this.#markPrefix();
    return prefix === undefined ? [] : findGroups(launcherHome(this.#launcherDirectory).groups, prefix);
  }

  async #markPrefix(): Promise<string | undefined> {
    const identity = await readFile(join(this.directory, 'state', 'identity'), 'utf8').catch(() => undefined);
    return identity && `${identity.trim()}:`;
  }

  get #launcherDirectory(): string {
    return join(this.directory, 'state', 'launcher');
  }

  async #eventually(what: string, is: () => Promise<boolean>): Promise<void> {
    const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
    while (!(await is())) {
      assert.ok(realClock.monotonicMs() < deadlineMs, `waited too long until ${what}`);
      await delay(realClock, 20);
    }
  }
}

/** `kill -9` of a process that may just have ended. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has.
  }
}

/** What was written by the last attempt, where nobody was told where that begins. */
const withoutHeaders = (log: string): string => log.split(/^Running entrypoint for job .*\n/m).at(-1)!;

const linesOf = ({ lines }: Plan): string => Array.from({ length: lines }, (_, at) => `line ${at + 1}\n`).join('');

/** Every process whose command line names the directory: daemons, and launchers that nobody knows yet. */
async function pidsNaming(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
  return pids.filter((_, at) => commands[at]!.includes(directory)).map(Number);
}

/** The zombies among the children of these, by what the kernel says of every process. */
async function zombiesOf(parents: readonly number[]): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')));
  return stats.filter((stat) => {
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' && parents.includes(Number(parent));
  });
}
