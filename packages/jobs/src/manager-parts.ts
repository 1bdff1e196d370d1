/**
 * The parts of a manager, made and joined. What each does it says itself; here stands who is told what by whom.
 *
 *   JobBoard ── a record has changed ──▶ Submissions, JobQueue, Replacements, Tidying
 *   Supervisors ── one is gone ──▶ Replacements ◀── one is missing ── OrphanSweep
 */
import { Scope } from '@heddle/base';
import { Backups } from './backups.ts';
import { BoardWatch } from './board-watch.ts';
import { Closing } from './closing.ts';
import { inheritedEnvironment } from './environment.ts';
import type { Ground } from './ground.ts';
import { JobBoard } from './job-board.ts';
import { JobCatalog } from './job-catalog.ts';
import { JobLogs } from './job-logs.ts';
import { JobQueue } from './job-queue.ts';
import type { JobRecord } from './job-record.ts';
import { JOBS_TABLE, JobRecords } from './job-records.ts';
import type { SupervisorSettings } from './job-supervisor.ts';
import { KeptLauncher } from './kept-launcher.ts';
import { toMarkPrefix } from './launch-request.ts';
import { MarkedProcessScan } from './marked-processes.ts';
import { type ResolvedJobManagerOptions, toCapacity } from './options.ts';
import { OrphanSweep } from './orphan-sweep.ts';
import type { PackageStore } from './package-store.ts';
import { Replacements } from './replacements.ts';
import { Retention } from './retention.ts';
import type { StateDirectory } from './state-directory.ts';
import { StateWatch } from './state-watch.ts';
import { Submissions } from './submissions.ts';
import { Supervisors } from './supervisors.ts';
import { Tidying } from './tidying.ts';

export class ManagerParts {
  readonly options: ResolvedJobManagerOptions;
  readonly state: StateDirectory;
  readonly packages: PackageStore;
  readonly closing = new Closing();
  readonly records: JobRecords;
  readonly board: JobBoard;
  readonly watch: BoardWatch;
  readonly queue: JobQueue;
  readonly logs: JobLogs;
  readonly catalog: JobCatalog;
  readonly backups: Backups;
  readonly launcher: KeptLauncher;
  readonly processes: MarkedProcessScan;
  readonly supervisors: Supervisors;
  readonly submissions: Submissions;
  readonly replacements: Replacements;
  readonly sweep: OrphanSweep;
  readonly tidying: Tidying;
  readonly stateWatch: StateWatch;

  constructor(ground: Ground) {
    const { options, state, packages, gcs } = ground;
    this.options = options;
    this.state = state;
    this.packages = packages;
    this.records = new JobRecords(gcs.table<JobRecord>(JOBS_TABLE));
    this.board = new JobBoard(
      (submissionId) => this.#changed(submissionId),
      () => options.clock.monotonicMs(),
    );
    this.queue = makeQueue(options);
    this.launcher = makeLauncher(ground);
    this.processes = new MarkedProcessScan(toMarkPrefix(state.identity), state.paths.launcher, options.clock);
    this.supervisors = this.#makeSupervisors(ground);
    const joined = this.#joined();
    this.watch = new BoardWatch(joined);
    this.submissions = new Submissions({ ...joined, options });
    this.replacements = new Replacements(joined);
    this.sweep = this.#makeSweep();
    this.logs = new JobLogs({
      ...joined,
      directory: state.paths.logs,
      find: (...asked) => this.catalog.find(...asked),
    });
    this.catalog = new JobCatalog({ ...joined, logs: this.logs, closing: this.closing });
    this.backups = new Backups(gcs, state);
    this.tidying = this.#makeTidying();
    this.stateWatch = makeStateWatch(ground, this.launcher);
  }

  /** What of them must end, in one. */
  own(): Scope {
    const scope = new Scope();
    scope.own(this.launcher);
    scope.own(this.supervisors);
    scope.own(this.submissions);
    scope.own(this.stateWatch);
    scope.own(this.tidying);
    scope.defer(() => this.closing.begin());
    return scope;
  }

  /** A record has changed. */
  #changed(submissionId: string): void {
    const job = this.board.get(submissionId);
    const { logger } = this.options;
    const news = { jobId: submissionId, status: job?.status, revision: job?.revision };
    if (this.watch.isLoaded) logger.info(news, 'job status');
    if (job?.status !== 'PENDING') this.submissions.hasLeft(submissionId);
    if (!this.board.isOver(submissionId)) return;
    this.queue.take(submissionId);
    this.replacements.forget(submissionId);
    this.tidying.jobEnded();
    this.submissions.startNext();
  }

  /** What most parts need of the others. */
  #joined() {
    const { records, board, queue, supervisors } = this;
    const { clock, logger } = this.options;
    return { records, board, queue, supervisors, clock, logger, closing: this.closing.signal };
  }

  #makeSupervisors(ground: Ground): Supervisors {
    const { pingPeriodMs, pingTimeoutMs, pingThreshold, clock, logger } = this.options;
    return new Supervisors({
      ...toSupervisorSettings(ground),
      runtime: ground.runtime,
      health: { periodMs: pingPeriodMs, timeoutMs: pingTimeoutMs, threshold: pingThreshold },
      clock,
      logger,
      isOver: (submissionId) => this.board.isOver(submissionId),
      onGone: (submissionId, cause) => void this.replacements.replace(submissionId, cause),
    });
  }

  #makeSweep(): OrphanSweep {
    return new OrphanSweep({
      ...this.#joined(),
      identity: this.state.identity,
      processes: this.processes,
      launcher: this.launcher,
      supervise: (submissionId) => void this.replacements.supervise(submissionId),
    });
  }

  #makeTidying(): Tidying {
    const { retainedJobs, retainedLogBytes, retainedAgeMs, retainedPackageMs, sweepPeriodMs } = this.options;
    const retention = new Retention({
      ...this.#joined(),
      policy: { jobs: retainedJobs, logBytes: retainedLogBytes, ageMs: retainedAgeMs },
      logBytesOf: (submissionId) => this.logs.sizeOf(submissionId),
      forget: (submissionId) => this.catalog.forget(submissionId),
    });
    const { sweep, packages } = this;
    return new Tidying({ ...this.#joined(), sweep, retention, packages, retainedPackageMs, periodMs: sweepPeriodMs });
  }
}

function makeQueue(options: ResolvedJobManagerOptions): JobQueue {
  const { maxRunningJobs, maxPendingJobs } = options;
  return new JobQueue({ maxRunningJobs, maxPendingJobs, resources: toCapacity(options) });
}

function makeLauncher({ options, state }: Ground): KeptLauncher {
  const { launcherIdleMs: idleMs, clock, logger } = options;
  return new KeptLauncher({ directory: state.paths.launcher, idleMs, clock, logger });
}

function toSupervisorSettings({ options, state, packages, portName }: Ground): SupervisorSettings {
  const { identity, paths } = state;
  return {
    launch: {
      identity,
      logDirectory: paths.logs,
      inherited: inheritedEnvironment(options.environment, options.passEnv),
      logLimit: { bytes: options.logBytesMax, policy: options.logLimitPolicy },
      containment: options.containment,
    },
    connections: {
      identity,
      launcherDirectory: paths.launcher,
      launcherIdleMs: options.launcherIdleMs,
      portName,
      packages: packages.paths,
    },
  };
}

function makeStateWatch({ options, state, gcs }: Ground, launcher: KeptLauncher): StateWatch {
  const health = gcs.table<number>('health');
  return new StateWatch({
    directory: state.paths.directory,
    isInPlace: () => state.isInPlace(),
    periodMs: options.pingPeriodMs,
    clock: options.clock,
    patienceMs: options.pingTimeoutMs,
    launcher: () => launcher.present,
    probe: () => health.put('probe', options.clock.now()),
  });
}
