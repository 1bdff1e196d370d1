/**
 * Accepts jobs, gives each a supervisor, and answers for all of them. Ray: `JobManager`.
 *
 * It decides who runs and when, never how a run went: every status after PENDING is written by the job's
 * supervisor. What it knows it reads from the jobs table and its watch; nothing that matters is only in its
 * memory. So it may die at any moment: `open` recovers every unfinished job before it accepts a new one.
 *
 *   Ground         what it stands on: directory, tables, packages, runtime
 *   Submissions    what is asked of jobs: to be (JobQueue, StartDeadlines), and to end
 *   Supervisors    who runs them; Replacements: that each has one; KeptLauncher: who runs their processes
 *   JobCatalog     what is known of them, and their deletion; JobLogs: what they have written
 *   BoardWatch     JobBoard, the same without asking the tables
 *   Tidying        what nobody needs any more: OrphanSweep, Retention, PackageStore
 *
 * `ManagerParts` joins them. What stands here is what users call, and the order in which a manager opens.
 *
 * Disposing it stops nothing: jobs run on under the launcher, and supervisors too where the runtime is the
 * caller's. The next manager of the directory, in this process or another, takes them over.
 */
import type { JobInfo, LogChunk, OrphanCounts, RecoveryCounts } from '@heddle/api';
import { Scope } from '@heddle/base';
import { StorageError } from '@heddle/gcs';
import { faultPoint, readPidSpace } from '@heddle/launcher';
import { StateDirectoryError } from './errors.ts';
import { openGround } from './ground.ts';
import type { JobLogOptions } from './job-logs.ts';
import type { TailOptions } from './log-tail.ts';
import { ManagerParts } from './manager-parts.ts';
import { type JobManagerStats, toStats } from './manager-stats.ts';
import { type JobManagerOptions, resolveJobManagerOptions } from './options.ts';
import { recoverJobs } from './recover.ts';
import { NOT_IN_PLACE } from './state-directory.ts';
import type { JobSubmitOptions } from './submission.ts';
import { decodeUtf8 } from './utf8.ts';

export class JobManager implements AsyncDisposable {
  readonly #parts: ManagerParts;
  /** Resolves when the tables can no longer be used: with the failure, or with undefined after `dispose`. A daemon then stops: its next start recovers from the disk. */
  readonly closed: Promise<Error | undefined>;
  #scope = new Scope();
  #recovered: RecoveryCounts | undefined;

  /**
   * Opens a state directory, made if it is not there, and recovers every unfinished job in it; then resolves.
   * @throws DirectoryInUseError when another daemon uses it; StateDirectoryError; ContainmentUnavailableError; the
   * launcher's and the storage's named errors; TypeError, RangeError for a wrong option.
   */
  static async open(given: JobManagerOptions): Promise<JobManager> {
    const options = resolveJobManagerOptions(given);
    await using scope = new Scope();
    const ground = await openGround(options, scope);
    const parts = new ManagerParts(ground);
    scope.own(parts.own());
    const manager = new JobManager(parts, ground.gcs.closed);
    await manager.#recover();
    manager.#scope = scope.move();
    return manager;
  }

  private constructor(parts: ManagerParts, closed: Promise<Error | undefined>) {
    this.#parts = parts;
    this.closed = closed;
  }

  /** The state directory, absolute. */
  get directory(): string {
    return this.#parts.state.paths.directory;
  }

  /**
   * Accepts a job and gives its id; from then on it survives any crash and is started at most once. Ray: `submit_job`.
   * @throws JobAlreadyExistsError when the id is taken, JobQueueFullError, InvalidSubmissionIdError, TypeError, RangeError;
   * StorageError, StateDirectoryError where nothing can be made durable.
   */
  async submitJob(given: JobSubmitOptions): Promise<string> {
    const { closing, state, submissions, stateWatch } = this.#parts;
    closing.check('submit a job');
    if (!state.isInPlace()) throw new StateDirectoryError(this.directory, NOT_IN_PLACE);
    return submissions.submit(given).catch((error: unknown) => {
      if (error instanceof StorageError) stateWatch.storageFailed(error);
      throw error;
    });
  }

  /** What is known of a job now. Ray: `get_job_info`. @throws JobNotFoundError */
  async getJobInfo(submissionId: string): Promise<JobInfo> {
    return this.#parts.catalog.info(submissionId);
  }

  /** All jobs, in the order of their submission. Ray: `list_jobs`. */
  async listJobs(): Promise<JobInfo[]> {
    return this.#parts.catalog.list();
  }

  /**
   * Asks for a job to be stopped, whatever its state. True whenever this or an earlier request makes it
   * STOPPED, which is shown when its whole process tree is gone; false if it was over before. Ray: `stop_job`.
   * @throws JobNotFoundError
   */
  async stopJob(submissionId: string): Promise<boolean> {
    this.#parts.closing.check('stop a job');
    return this.#parts.submissions.stop(submissionId);
  }

  /** Forgets a job that is over, and its log. Ray: `delete_job`. @throws JobNotFoundError, JobNotTerminalError */
  async deleteJob(submissionId: string): Promise<void> {
    await this.#parts.catalog.delete(submissionId);
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
    return this.#parts.logs.read(submissionId, options);
  }

  /**
   * The same bytes in pieces of 64 KiB at most, so that a log of any length needs no more memory than one: as far as
   * they are written when the first piece is asked for. A reader that breaks off leaves nothing open.
   * @throws JobNotFoundError, before there is anything to iterate over.
   */
  async streamJobLog(submissionId: string, options: JobLogOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    return this.#parts.logs.stream(submissionId, options);
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
  tailJobLogChunks(submissionId: string, options: TailOptions = {}): AsyncGenerator<LogChunk, void, void> {
    return this.#parts.logs.tail(submissionId, options);
  }

  /** Whether this package is here; if so it stays for `retainedPackageMs` at least, so that a job may name it. */
  async hasPackage(name: string): Promise<boolean> {
    this.#parts.closing.check('look for a package');
    return this.#parts.packages.has(name);
  }

  /**
   * Takes in a zip archive that jobs may name as `runtimeEnv.workingDir: 'gcs://<name>'`. Resolves when it is durable.
   * @throws PackageTooLargeError beyond 100 MiB, PackagesFullError, RangeError for a name that cannot be one.
   */
  async putPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#parts.closing.check('take a package');
    await this.#parts.packages.put(name, content);
  }

  /**
   * Writes the tables, as of some moment before this resolves, to a new file of this machine, while jobs go on. Put into
   * an empty directory as `state.db`, it is a state directory with the same jobs. Logs are not in it.
   * @throws StorageError if there is such a file, or it cannot be written.
   */
  async backup(file: string): Promise<void> {
    this.#parts.closing.check('back up');
    await this.#parts.backups.write(file);
  }

  /** The same in pieces, for a reader elsewhere, who reads to the end or says `return`. Nothing of it stays on the disk. */
  async streamBackup(): Promise<AsyncIterableIterator<Uint8Array>> {
    this.#parts.closing.check('back up');
    return this.#parts.backups.stream();
  }

  /** Looks for orphans now, as it does by itself every `sweepPeriodMs`; resolves when they are dealt with. */
  async sweepOrphans(): Promise<OrphanCounts> {
    const { closing, sweep } = this.#parts;
    closing.check('sweep orphans');
    await sweep.run(0);
    return sweep.counts;
  }

  stats(): JobManagerStats {
    return toStats(this.#parts, this.#recovered);
  }

  /** Lets go of everything. Jobs run on. Disposing twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }

  async #recover(): Promise<void> {
    const { options, state, launcher, watch, processes, supervisors, queue, sweep, tidying, submissions } = this.#parts;
    const { clock, logger } = options;
    if (options.containment === 'cgroup') await launcher.requireControlGroups(this.directory);
    const entries = await watch.start();
    faultPoint('K22');
    const recovered = await recoverJobs({
      entries,
      identity: state.identity,
      launcher: await launcher.get(),
      processes,
      here: readPidSpace(),
      supervisors,
      queue,
      clock,
    });
    await sweep.run(0);
    this.#recovered = recovered;
    logger.info({ ...recovered }, 'jobs recovered');
    tidying.begin();
    submissions.open(entries);
  }
}
