/**
 * Accepts jobs, gives each a supervisor, and answers for all of them. Ray: `JobManager`.
 *
 * It decides who runs and when, never how a run went: every status after PENDING is written by the job's
 * supervisor. What it knows it reads from the jobs table and its watch; nothing that matters is only in its
 * memory. So it may die at any moment: `open` recovers every unfinished job before it accepts a new one.
 *
 *   Submissions    what is asked of jobs: to be (JobQueue, StartDeadlines), and to end
 *   Supervisors    who runs them; Replacements: that each has one
 *   BoardWatch     what is known of them: JobBoard
 *   OrphanSweep, Retention, PackageStore    what nobody needs any more
 *
 * Disposing it stops nothing: jobs run on under the launcher, and supervisors too where the runtime is the
 * caller's. The next manager of the directory, in this process or another, takes them over.
 */
import { setMaxListeners } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { type Runtime, startRuntime } from '@heddle/actors';
import {
  isPackageName,
  isTerminal,
  type JobInfo,
  type JobStatus,
  type LogChunk,
  type OrphanCounts,
  type QueueCounts,
  type RecoveryCounts,
  type ResourceAmounts,
  type SupervisorCounts,
} from '@heddle/api';
import { checkInteger, checkKnown, quote, Scope } from '@heddle/base';
import { type Gcs, openGcs, StorageError } from '@heddle/gcs';
import { faultPoint, readPidSpace } from '@heddle/launcher';
import { BoardWatch } from './board-watch.ts';
import { inheritedEnvironment } from './environment.ts';
import {
  ContainmentUnavailableError,
  JobManagerClosedError,
  JobNotFoundError,
  JobNotTerminalError,
  StateDirectoryError,
} from './errors.ts';
import { JobBoard } from './job-board.ts';
import { JobQueue } from './job-queue.ts';
import { type JobRecord, mayHaveLog, toJobInfo } from './job-record.ts';
import { JOBS_TABLE, type JobEntry, JobRecords } from './job-records.ts';
import { toLogFile, toMarkPrefix } from './launch-request.ts';
import { LauncherConnection } from './launcher-connection.ts';
import { readLastLines, readLog, streamLog } from './log-reader.ts';
import { type TailOptions, tailLog } from './log-tail.ts';
import { MarkedProcessScan } from './marked-processes.ts';
import {
  type JobManagerOptions,
  type ResolvedJobManagerOptions,
  resolveJobManagerOptions,
  toCapacity,
} from './options.ts';
import { OrphanSweep } from './orphan-sweep.ts';
import { PackageStore, packagePathsOf } from './package-store.ts';
import { PassingFile } from './passing-file.ts';
import { toProblems } from './problems.ts';
import { recoverJobs } from './recover.ts';
import { Replacements } from './replacements.ts';
import { Retention } from './retention.ts';
import { StateDirectory } from './state-directory.ts';
import { NOT_IN_PLACE, StateWatch } from './state-watch.ts';
import type { JobSubmitOptions } from './submission.ts';
import { Submissions } from './submissions.ts';
import { Supervisors } from './supervisors.ts';
import { decodeUtf8 } from './utf8.ts';

/** Which part of a log: a range of bytes, or the last `tail` lines. */
export interface JobLogOptions {
  /** The first byte; default 0. */
  readonly offset?: number | undefined;
  /** At most so many bytes. */
  readonly limit?: number | undefined;
  /** Only the last so many lines. */
  readonly tail?: number | undefined;
}

/** The manager's counts. */
export interface JobManagerStats {
  /** The state directory, absolute. */
  readonly directory: string;
  readonly jobs: Readonly<Record<JobStatus, number>>;
  /** Of the PENDING jobs, how many wait for their turn. */
  readonly waiting: number;
  readonly queue: QueueCounts;
  /** What jobs may ask for, and what those hold that have had their turn. */
  readonly resources: ResourceAmounts;
  readonly supervisors: SupervisorCounts;
  readonly recovered: RecoveryCounts;
  readonly orphans: OrphanCounts;
  readonly launcher: {
    /** Null while there is none. */
    readonly pid: number | null;
    readonly protocol: number | null;
    /** What holds the processes of a job together that is started now. */
    readonly containment: 'cgroup' | 'marker' | null;
    /** How many have died while this manager lived. */
    readonly lost: number;
  };
  /** Something needs attention: `problems` says what. */
  readonly isDegraded: boolean;
  /** For people, in words: what needs attention, and why. */
  readonly problems: readonly string[];
}

/** What the manager stands on, made by `open`. */
interface Ground {
  readonly options: ResolvedJobManagerOptions;
  readonly state: StateDirectory;
  readonly packages: PackageStore;
  readonly gcs: Gcs;
  readonly runtime: Runtime;
  readonly portName: string;
}

export class JobManager implements AsyncDisposable {
  readonly #options: ResolvedJobManagerOptions;
  readonly #state: StateDirectory;
  readonly #packages: PackageStore;
  readonly #records: JobRecords;
  readonly #board: JobBoard;
  readonly #queue: JobQueue;
  readonly #supervisors: Supervisors;
  readonly #launcher: LauncherConnection;
  readonly #processes: MarkedProcessScan;
  readonly #sweep: OrphanSweep;
  readonly #submissions: Submissions;
  readonly #retention: Retention;
  readonly #replacements: Replacements;
  readonly #watch: BoardWatch;
  readonly #gcs: Gcs;
  readonly #stateWatch: StateWatch;
  /** Resolves when the tables can no longer be used: with the failure, or with undefined after `dispose`. A daemon then stops: its next start recovers from the disk. */
  readonly closed: Promise<Error | undefined>;
  readonly #closing = new AbortController();
  #scope = new Scope();
  #recovered: RecoveryCounts | undefined;
  #launchersLost = 0;
  #isTidying = false;
  #backups = 0;

  /**
   * Opens a state directory, made if it is not there, and recovers every unfinished job in it; then resolves.
   * @throws DirectoryInUseError when another daemon uses it; StateDirectoryError; ContainmentUnavailableError; the
   * launcher's and the storage's named errors; TypeError, RangeError for a wrong option.
   */
  static async open(given: JobManagerOptions): Promise<JobManager> {
    const options = resolveJobManagerOptions(given);
    const { clock, ids } = options;
    await using scope = new Scope();
    const state = scope.own(StateDirectory.open(options.directory, ids));
    const packages = await openPackages(state.paths.directory, options);
    const gcs = scope.own(await openGcs({ storage: 'sqlite', file: state.paths.database }));
    const runtime = options.runtime ?? scope.own(await startRuntime({ workers: 0 }, { clock, ids }));
    const portName = `gcs:${state.identity}`;
    let isOpen = true;
    scope.defer(() => {
      isOpen = false;
    });
    await runtime.provideToSystemThread(portName, () => (isOpen ? gcs.connect() : closedPort()));
    const manager = new JobManager({ options, state, packages, gcs, runtime, portName });
    scope.own(manager.#own());
    await manager.#recover();
    manager.#scope = scope.move();
    return manager;
  }

  private constructor(ground: Ground) {
    const { options, state, packages, gcs, runtime, portName } = ground;
    const { clock, logger } = options;
    setMaxListeners(0, this.#closing.signal); // Every tail that waits is one.
    this.#options = options;
    this.#state = state;
    this.#packages = packages;
    this.#gcs = gcs;
    this.closed = gcs.closed;
    this.#records = new JobRecords(gcs.table<JobRecord>(JOBS_TABLE));
    this.#board = new JobBoard(
      (submissionId) => this.#changed(submissionId),
      () => clock.monotonicMs(),
    );
    this.#queue = new JobQueue({
      maxRunningJobs: options.maxRunningJobs,
      maxPendingJobs: options.maxPendingJobs,
      resources: toCapacity(options),
    });
    this.#processes = new MarkedProcessScan(toMarkPrefix(state.identity), state.paths.launcher, clock);
    this.#launcher = new LauncherConnection({
      directory: state.paths.launcher,
      idleMs: options.launcherIdleMs,
      clock,
      logger,
      onLost: (pid) => this.#launcherLost(pid),
    });
    this.#supervisors = new Supervisors({
      runtime,
      launch: {
        identity: state.identity,
        logDirectory: state.paths.logs,
        inherited: inheritedEnvironment(options.environment, options.passEnv),
        logLimit: { bytes: options.logBytesMax, policy: options.logLimitPolicy },
        containment: options.containment,
      },
      connections: {
        identity: state.identity,
        launcherDirectory: state.paths.launcher,
        launcherIdleMs: options.launcherIdleMs,
        portName,
        packages: packages.paths,
      },
      health: { periodMs: options.pingPeriodMs, timeoutMs: options.pingTimeoutMs, threshold: options.pingThreshold },
      clock,
      logger,
      isOver: (submissionId) => this.#board.isOver(submissionId),
      onGone: (submissionId, cause) => void this.#replacements.replace(submissionId, cause),
    });
    const parts = {
      records: this.#records,
      board: this.#board,
      queue: this.#queue,
      supervisors: this.#supervisors,
      clock,
      logger,
      closing: this.#closing.signal,
    };
    this.#watch = new BoardWatch(parts);
    this.#submissions = new Submissions({ ...parts, options });
    this.#replacements = new Replacements(parts);
    this.#retention = new Retention({
      board: this.#board,
      policy: { jobs: options.retainedJobs, logBytes: options.retainedLogBytes, ageMs: options.retainedAgeMs },
      clock,
      logBytesOf: (submissionId) => sizeOf(this.#logFile(submissionId)),
      forget: (submissionId) => this.#forget(submissionId),
    });
    this.#sweep = new OrphanSweep({
      ...parts,
      identity: state.identity,
      processes: this.#processes,
      launcher: this.#launcher,
      supervise: (submissionId) => void this.#replacements.supervise(submissionId),
    });
    const health = gcs.table<number>('health');
    this.#stateWatch = new StateWatch({
      directory: state.paths.directory,
      isInPlace: () => state.isInPlace(),
      periodMs: options.pingPeriodMs,
      clock,
      launcherStatus: () => this.#launcher.present?.status(),
      probe: () => health.put('probe', clock.now()),
    });
  }

  /** The state directory, absolute. */
  get directory(): string {
    return this.#state.paths.directory;
  }

  /**
   * Accepts a job and gives its id; from then on it survives any crash and is started at most once. Ray: `submit_job`.
   * @throws JobAlreadyExistsError when the id is taken, JobQueueFullError, InvalidSubmissionIdError, TypeError, RangeError;
   * StorageError, StateDirectoryError where nothing can be made durable.
   */
  async submitJob(given: JobSubmitOptions): Promise<string> {
    this.#checkOpen('submit a job');
    if (!this.#state.isInPlace()) throw new StateDirectoryError(this.directory, NOT_IN_PLACE);
    return this.#submissions.submit(given).catch((error: unknown) => {
      if (error instanceof StorageError) this.#stateWatch.storageFailed(error);
      throw error;
    });
  }

  /** What is known of a job now. Ray: `get_job_info`. @throws JobNotFoundError */
  async getJobInfo(submissionId: string): Promise<JobInfo> {
    return this.#toInfo(await this.#find('get job', submissionId));
  }

  /** All jobs, in the order of their submission. Ray: `list_jobs`. */
  async listJobs(): Promise<JobInfo[]> {
    this.#checkOpen('list jobs');
    return Promise.all((await this.#records.list()).map((entry) => this.#toInfo(entry)));
  }

  /**
   * Asks for a job to be stopped, whatever its state. True whenever this or an earlier request makes it
   * STOPPED, which is shown when its whole process tree is gone; false if it was over before. Ray: `stop_job`.
   * @throws JobNotFoundError
   */
  async stopJob(submissionId: string): Promise<boolean> {
    this.#checkOpen('stop a job');
    return this.#submissions.stop(submissionId);
  }

  /** Forgets a job that is over, and its log. Ray: `delete_job`. @throws JobNotFoundError, JobNotTerminalError */
  async deleteJob(submissionId: string): Promise<void> {
    for (;;) {
      const entry = await this.#find('delete job', submissionId);
      if (!isTerminal(entry.value.status)) throw new JobNotTerminalError(submissionId, entry.value.status);
      await rm(this.#logFile(submissionId), { force: true }); // First: a new job of this id must not find an old log.
      faultPoint('K19');
      if (await this.#records.delete(entry)) return;
    }
  }

  /**
   * A job's log as text, "" if it has none yet. Bytes that are not UTF-8 read as U+FFFD. Ray: `get_job_logs`.
   * @throws JobNotFoundError; JobLogTooLargeError when one string would not hold it.
   */
  async getJobLogs(submissionId: string, options: JobLogOptions = {}): Promise<string> {
    return decodeUtf8(await this.readJobLog(submissionId, options));
  }

  /** The same as the bytes that the job wrote. */
  async readJobLog(submissionId: string, options: JobLogOptions = {}): Promise<Uint8Array> {
    const file = await this.#logToRead(submissionId, options);
    const { offset = 0, limit, tail } = options;
    if (tail !== undefined) return readLastLines(file, tail, offset);
    return readLog(file, limit === undefined ? { offset } : { offset, limit });
  }

  /**
   * The same bytes in pieces of 64 KiB at most, so that a log of any length needs no more memory than one: as far as
   * they are written when the first piece is asked for. A reader that breaks off leaves nothing open.
   * @throws JobNotFoundError, before there is anything to iterate over.
   */
  async streamJobLog(submissionId: string, options: JobLogOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const file = await this.#logToRead(submissionId, options);
    const { offset = 0, limit, tail } = options;
    return streamLog(file, { offset, ...(limit !== undefined && { limit }), ...(tail !== undefined && { tail }) });
  }

  /**
   * Follows a job's log, and ends after its terminal status is visible. Ray: `tail_job_logs`. A reader that
   * wants to leave while it waits aborts the signal; then the iteration throws the signal's reason.
   * @throws JobNotFoundError at the first step.
   */
  async *tailJobLogs(submissionId: string, options: TailOptions = {}): AsyncGenerator<string, void, void> {
    for await (const { text } of this.tailJobLogChunks(submissionId, options)) yield text;
  }

  /** The same in pieces that say at which offset to go on after them. */
  async *tailJobLogChunks(submissionId: string, options: TailOptions = {}): AsyncGenerator<LogChunk, void, void> {
    checkLogOptions('tail a log', options, ['offset', 'signal', 'watchKind']);
    this.#board.put(await this.#find('tail the log of job', submissionId));
    const job = {
      isOver: () => this.#board.isOver(submissionId),
      mayHaveLog: () => this.#board.mayHaveLog(submissionId),
      onChange: (listener: () => void) => this.#board.listen(submissionId, listener),
    };
    const { offset = 0, signal, watchKind } = options;
    const closing = this.#closing.signal;
    yield* tailLog(this.#logFile(submissionId), job, this.#options.clock, {
      offset,
      signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
      watchKind,
    });
  }

  /** Whether this package is here; if so it stays for `retainedPackageMs` at least, so that a job may name it. */
  async hasPackage(name: string): Promise<boolean> {
    this.#checkOpen('look for a package');
    return isPackageName(name) && (await this.#packages.has(name));
  }

  /**
   * Takes in a zip archive that jobs may name as `runtimeEnv.workingDir: 'gcs://<name>'`. Resolves when it is durable.
   * @throws PackageTooLargeError beyond 100 MiB, PackagesFullError, RangeError for a name that cannot be one.
   */
  async putPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#checkOpen('take a package');
    if (!isPackageName(name))
      throw new RangeError(
        `Cannot take package ${quote(name)}: expected a name of letters, digits, "_", "." or "-" that ends in .zip`,
      );
    await this.#packages.put(name, content);
  }

  /**
   * Writes the tables, as of some moment before this resolves, to a new file of this machine, while jobs go on. Put into
   * an empty directory as `state.db`, it is a state directory with the same jobs. Logs are not in it.
   * @throws StorageError if there is such a file, or it cannot be written.
   */
  async backup(file: string): Promise<void> {
    this.#checkOpen('back up');
    await this.#gcs.backup(resolve(file));
  }

  /** The same in pieces, for a reader elsewhere, who reads to the end or says `return`. Nothing of it stays on the disk. */
  async streamBackup(): Promise<AsyncIterableIterator<Uint8Array>> {
    this.#checkOpen('back up');
    const file = this.#state.passingFile(`backup-${++this.#backups}`);
    await this.#gcs.backup(file);
    return new PassingFile(file);
  }

  /** Looks for orphans now, as it does by itself every `sweepPeriodMs`; resolves when they are dealt with. */
  async sweepOrphans(): Promise<OrphanCounts> {
    this.#checkOpen('sweep orphans');
    await this.#sweep.run(0);
    return this.#sweep.counts;
  }

  stats(): JobManagerStats {
    const jobs: Record<JobStatus, number> = { PENDING: 0, RUNNING: 0, STOPPED: 0, SUCCEEDED: 0, FAILED: 0 };
    for (const { status } of this.#board.jobs) jobs[status] += 1;
    const { size, unreachable, struggling } = this.#supervisors;
    const { containment } = this.#options;
    const launcher = this.#launcher.present;
    const problems = toProblems({
      ...this.#stateWatch.facts,
      directory: this.directory,
      hasLauncher: launcher !== undefined,
      unreachable,
      struggling,
      struggle: this.#supervisors.struggle,
    });
    return {
      directory: this.directory,
      jobs,
      waiting: this.#queue.size,
      queue: this.#queue.counts(),
      resources: this.#queue.amounts(this.#board),
      supervisors: { watched: size, unreachable, struggling, replaced: this.#replacements.made },
      recovered: this.#recovered ?? { adopted: 0, settled: 0, queued: 0, lost: 0, durationMs: 0 },
      orphans: this.#sweep.counts,
      launcher: {
        pid: launcher?.pid ?? null,
        protocol: launcher?.protocol ?? null,
        containment: launcher === undefined ? null : containment === 'marker' ? containment : launcher.containment,
        lost: this.#launchersLost,
      },
      isDegraded: problems.length > 0,
      problems,
    };
  }

  /** Lets go of everything. Jobs run on. Disposing twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }

  /** What of the manager itself must end, in one. */
  #own(): Scope {
    const scope = new Scope();
    scope.own(this.#launcher);
    scope.own(this.#supervisors);
    scope.own(this.#submissions);
    scope.own(this.#stateWatch);
    scope.defer(() => this.#closing.abort(new JobManagerClosedError('go on')));
    return scope;
  }

  /** Whether there are control groups, where nothing else will do. */
  async #checkContainment(): Promise<void> {
    if (this.#options.containment !== 'cgroup') return;
    const launcher = await this.#launcher.get();
    if (launcher.containment === 'cgroup') return;
    const { containmentReason = 'the launcher that lives here is of a version without them' } = await launcher.status();
    throw new ContainmentUnavailableError(this.directory, containmentReason);
  }

  async #recover(): Promise<void> {
    const { clock, sweepPeriodMs, logger } = this.#options;
    await this.#checkContainment();
    const entries = await this.#watch.start();
    faultPoint('K22');
    const recovered = await recoverJobs({
      entries,
      identity: this.#state.identity,
      launcher: await this.#launcher.get(),
      processes: this.#processes,
      here: readPidSpace(),
      supervisors: this.#supervisors,
      queue: this.#queue,
      clock,
    });
    await this.#sweep.run(0);
    this.#recovered = recovered;
    logger.info({ ...recovered }, 'jobs recovered');
    const sweeps = clock.every(sweepPeriodMs, () => void this.#tidy(), { background: true });
    this.#closing.signal.addEventListener('abort', () => sweeps.cancel());
    this.#submissions.open(entries);
  }

  /** A record has changed. */
  #changed(submissionId: string): void {
    const job = this.#board.get(submissionId);
    this.#options.logger.info({ jobId: submissionId, status: job?.status, revision: job?.revision }, 'job status');
    if (job?.status !== 'PENDING') this.#submissions.hasLeft(submissionId);
    if (!this.#board.isOver(submissionId)) return;
    this.#queue.take(submissionId);
    this.#replacements.forget(submissionId);
    if (this.#retention.isDue) void this.#attempt('cannot forget old jobs', () => this.#retention.run());
    this.#submissions.startNext();
  }

  #launcherLost(pid: number): void {
    this.#launchersLost += 1;
    this.#options.logger.error({ launcherPid: pid }, 'launcher is gone, starting another');
    this.#launcher.get().catch((error) => this.#options.logger.error({ err: error }, 'cannot start a launcher'));
  }

  /** What comes round every `sweepPeriodMs`; a round that takes longer is not overtaken. */
  async #tidy(): Promise<void> {
    if (this.#isTidying) return;
    this.#isTidying = true;
    await this.#attempt('cannot sweep orphans', () => this.#sweep.run());
    await this.#attempt('cannot forget old jobs', () => this.#retention.run());
    await this.#attempt('cannot tidy packages', () => this.#tidyPackages());
    this.#isTidying = false;
  }

  /** What fails is tried again the next time. */
  async #attempt(complaint: string, work: () => Promise<void>): Promise<void> {
    if (this.#closing.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.logger.error({ err: error }, complaint);
    }
  }

  async #tidyPackages(): Promise<void> {
    const names = Array.from(this.#board.openJobs, (job) => job.packageName).filter((name) => name !== undefined);
    await this.#packages.tidy(new Set(names), this.#options.retainedPackageMs);
  }

  async #forget(submissionId: string): Promise<void> {
    await this.deleteJob(submissionId).catch((error) => {
      if (!(error instanceof JobNotFoundError)) throw error;
    });
  }

  async #find(action: string, submissionId: string): Promise<JobEntry> {
    this.#checkOpen(action);
    const entry = typeof submissionId === 'string' ? await this.#records.get(submissionId) : undefined;
    if (entry === undefined) throw new JobNotFoundError(action, submissionId);
    return entry;
  }

  async #toInfo(entry: JobEntry): Promise<JobInfo> {
    const isUnsaid = entry.value.exit === null && mayHaveLog(entry.value);
    const info = toJobInfo(entry.value, isUnsaid ? await sizeOf(this.#logFile(entry.key)) : 0);
    return info.status === 'PENDING' ? { ...info, message: this.#queue.messageFor(entry) } : info;
  }

  async #logToRead(submissionId: string, options: JobLogOptions): Promise<string> {
    checkLogOptions('read a log', options, ['offset', 'limit', 'tail']);
    await this.#find('read the log of job', submissionId);
    return this.#logFile(submissionId);
  }

  #logFile(submissionId: string): string {
    return toLogFile(this.#state.paths.logs, submissionId);
  }

  #checkOpen(action: string): void {
    if (this.#closing.signal.aborted) throw new JobManagerClosedError(action);
  }
}

async function openPackages(directory: string, options: ResolvedJobManagerOptions): Promise<PackageStore> {
  const { clock, ids, packageBytesMax: bytesMax } = options;
  const paths = packagePathsOf(directory, readPidSpace().bootId);
  return PackageStore.open({ paths, clock, ids, bytesMax }).catch((error: Error) => {
    throw new StateDirectoryError(directory, error.message, { cause: error });
  });
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function checkLogOptions(action: string, options: object, known: readonly string[]): void {
  checkKnown(action, options, known);
  for (const [name, value] of Object.entries(options))
    if (['offset', 'limit', 'tail'].includes(name) && value !== undefined)
      checkInteger(action, name, value, { min: 0 });
  const { tail, limit } = options as JobLogOptions;
  if (tail !== undefined && limit !== undefined)
    throw new RangeError(`Cannot ${action} with both tail ${tail} and limit ${limit}: give one of them`);
}

/** For a system thread that starts after its manager was disposed: tables that are gone. */
function closedPort() {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  return port2;
}
