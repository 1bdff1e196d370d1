/**
 * The daemon, composed: runtime, job manager, server. Everything is made here, and ended in reverse.
 *
 *              1           2            3                4
 *   (start) ──▶ RECOVERING ──▶ READY ──▶ STOPPING JOBS ──▶ ENDING ──▶ (exit 0)
 *                    └────────────┴───────────5────────────▲
 *
 * 1. The server listens; routes about jobs answer 503. 2. Unfinished jobs of an earlier daemon are recovered.
 * 3. `heddle stop --jobs`. 4. Every job is over. 5. SIGTERM, Ctrl-C or `heddle stop`: jobs run on, and that is
 * said. Ending takes 5 s at most; a second signal ends at once. Jobs lose nothing by either.
 */

import { startRuntime } from '@heddle/actors';
import { isTerminal, type ShutdownRequest } from '@heddle/api';
import { createDeferred, createQuietDeferred, type Logger, Scope } from '@heddle/base';
import { JobSubmissionClient } from '@heddle/client';
import { DirectoryInUseError, JobManager, type JobManagerOptions } from '@heddle/jobs';
import { ListenError, type Server, startServer } from '@heddle/server';
import { exitCodeOf, type Shell } from './shell.ts';

export interface DaemonOptions {
  /** Absolute. */
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** What the job manager is told; checked there. */
  readonly jobs: Omit<
    JobManagerOptions,
    'directory' | 'runtime' | 'environment' | 'workingDirectory' | 'clock' | 'logger'
  >;
}

/** How long an ordered end may take. */
const END_LIMIT_MS = 5_000;
/** How long whoever has the port may take to say that it is a daemon. */
const ANSWER_LIMIT_MS = 5_000;

/** Runs a daemon until it is asked to end; resolves when all is ended. */
export async function runDaemon(options: DaemonOptions, shell: Shell, logger: Logger): Promise<void> {
  await using limit = new Scope(); // Ends after everything that it limits.
  await using scope = new Scope();
  const asked = createDeferred<ShutdownRequest>();
  const signalled = createDeferred<ShutdownRequest>();
  const endInTime = () => limit.own(startEndLimit(shell, logger));
  scope.own(
    listenForSignals(shell, logger, () => {
      endInTime();
      signalled.resolve({ stopJobs: false });
    }),
  );
  const { jobs, server } = await open(options, shell, logger, scope, asked.resolve);
  await sayReady(jobs, server, shell, logger);

  const { stopJobs } = await Promise.race([asked.promise, signalled.promise, failureOf(jobs)]);
  server.announceStop();
  if (stopJobs) await Promise.race([stopAll(jobs), signalled.promise]);
  endInTime();
  await sayEnding(jobs, shell, logger);
}

/**
 * Rejects when the tables fail for good. What the disk holds is known only by opening it again: the daemon ends,
 * its jobs run on, and the next one recovers them.
 */
async function failureOf(jobs: JobManager): Promise<never> {
  const error = await jobs.closed;
  if (error === undefined) return new Promise(() => {}); // Closed in order: whoever closed it ends the daemon.
  throw error;
}

async function sayReady(jobs: JobManager, server: Server, { out }: Shell, logger: Logger): Promise<void> {
  const { directory } = jobs;
  const { adopted } = jobs.stats().recovered;
  if (adopted > 0) await out.line(`Took over ${countOf(adopted)} of an earlier daemon`);
  await out.line(`Heddle is ready at ${server.url} (process ${process.pid}, state in ${directory})`);
  logger.info({ url: server.url, directory }, 'ready');
}

async function sayEnding(jobs: JobManager, { out }: Shell, logger: Logger): Promise<void> {
  const { RUNNING } = jobs.stats().jobs;
  if (RUNNING > 0) await out.line(`Ending; ${countOf(RUNNING)} left running, the next "heddle start" here takes over`);
  logger.info({ runningJobs: RUNNING }, 'ending');
}

/** The server first: what cannot be listened on fails before any job is touched. */
async function open(
  options: DaemonOptions,
  shell: Shell,
  logger: Logger,
  scope: Scope,
  onShutdown: (request: ShutdownRequest) => void,
): Promise<{ jobs: JobManager; server: Server }> {
  const { clock, environment, directory: workingDirectory } = shell;
  const { directory, host, port, token } = options;
  const runtime = scope.own(await startRuntime({ workers: 0 }, { clock }));
  const recovered = createQuietDeferred<JobManager>();
  const serverOptions = { host, port, token, jobs: recovered.promise, runtime, directory, onShutdown, clock, logger };
  const server = await startServer(serverOptions).catch(async (error: unknown) => {
    throw (await toSecondDaemon(error, options, shell)) ?? error;
  });
  const listening = scope.own(new Scope());
  listening.own(server);
  const world = { runtime, environment, workingDirectory, clock, logger };
  const jobs = await JobManager.open({ ...options.jobs, ...world, directory });
  scope.own(jobs);
  scope.own(listening.move()); // The server ends before the jobs that it serves.
  recovered.resolve(jobs);
  return { jobs, server };
}

/**
 * Whoever starts a second daemon on a directory mostly meets its port in use before its directory; but the
 * directory is the news. Undefined if it is some other program, or another daemon, that has the port.
 */
async function toSecondDaemon(error: unknown, options: DaemonOptions, shell: Shell): Promise<Error | undefined> {
  if (!(error instanceof ListenError) || error.details.reason !== 'EADDRINUSE') return undefined;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const client = new JobSubmissionClient(`http://${host}:${options.port}`, { token: options.token });
  const late = createDeferred<undefined>();
  using _limit = shell.clock.after(ANSWER_LIMIT_MS, () => late.resolve(undefined));
  const status = await Promise.race([client.getStatus().catch(() => undefined), late.promise]);
  return status?.directory === options.directory ? new DirectoryInUseError(options.directory, status.pid) : undefined;
}

/** The first signal asks for an ordered end, the second ends at once. */
function listenForSignals(shell: Shell, logger: Logger, onFirst: () => void): Disposable {
  let isFirst = true;
  return shell.onSignal((signal) => {
    logger.info({ signal }, 'signal');
    if (!isFirst) shell.exit(exitCodeOf(signal));
    isFirst = false;
    onFirst();
  });
}

/** Whatever hangs, the daemon is gone in time: everything that matters is durable already. */
function startEndLimit(shell: Shell, logger: Logger): Disposable {
  return shell.clock.after(
    END_LIMIT_MS,
    () => {
      logger.error({ limitMs: END_LIMIT_MS }, 'ending takes too long, leaving now');
      shell.exit(1);
    },
    { background: true },
  );
}

/** Resolves when every job is over. */
async function stopAll(jobs: JobManager): Promise<void> {
  const unfinished = (await jobs.listJobs()).filter((job) => !isTerminal(job.status));
  await Promise.all(
    unfinished.map(async ({ submissionId, logBytes }) => {
      await jobs.stopJob(submissionId);
      for await (const _ of jobs.tailJobLogs(submissionId, { offset: logBytes }));
    }),
  );
}

const countOf = (jobs: number): string => (jobs === 1 ? '1 job' : `${jobs} jobs`);
