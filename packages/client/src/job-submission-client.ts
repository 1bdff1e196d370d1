/**
 * Jobs over HTTP: the same words as `JobManager`, against a daemon. Ray: `JobSubmissionClient`.
 *
 * Holds no connection between calls and nothing that must be closed. Works wherever `fetch` and `WebSocket`
 * do. Every method rejects with `RequestFailedError` (the server says no; its `code` says why) or
 * `ServerUnreachableError`; an id that cannot be one is an `InvalidSubmissionIdError` before anything is sent.
 */
import {
  type ActorInfo,
  type ActorStateRow,
  checkSubmissionId,
  type DaemonStatus,
  DEFAULT_ADDRESS,
  fromActorStateRow,
  fromWorkerStateRow,
  type HeddleVersionAnswer,
  isPackageName,
  isTerminal,
  type JobDeleteAnswer,
  type JobInfo,
  type JobLogsAnswer,
  type JobStatus,
  type JobStopAnswer,
  type JobSubmission,
  type JobSubmissionAnswer,
  type LogChunk,
  PACKAGE_PROTOCOL,
  ROUTES,
  type Route,
  type ShutdownAnswer,
  STATE_LIMIT_MAX,
  type StateEnvelope,
  type StateFilter,
  type StateResource,
  type StateResult,
  toPackageUri,
  type WorkerInfo,
  type WorkerStateRow,
} from '@heddle/api';
import { type Clock, quote, realClock } from '@heddle/base';
import { Connection, type ConnectionOptions } from './connection.ts';
import { RequestFailedError } from './errors.ts';
import { followLog } from './log-follower.ts';
import { LogSocket } from './log-socket.ts';

export interface JobSubmissionClientOptions extends ConnectionOptions {
  /** How long a log that is being followed waits for a lost server. Default 15,000 ms. */
  readonly reconnectPatienceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Which part of a log; counted in bytes of the file. */
export interface LogQuery {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
  /** Only so many lines from the end. */
  readonly tail?: number | undefined;
}

export interface TailQuery {
  /** Where to begin, in bytes. Default 0. */
  readonly offset?: number | undefined;
  /** Ends the following: the iteration rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface StateListQuery {
  /** Default 100, at most 10,000. */
  readonly limit?: number | undefined;
  readonly detail?: boolean | undefined;
  readonly filters?: readonly StateFilter[] | undefined;
}

const DEFAULT_PATIENCE_MS = 15_000;

export class JobSubmissionClient {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #patienceMs: number;

  /** @param address `http://HOST:PORT`; default the one of a daemon started without options. */
  constructor(address: string = DEFAULT_ADDRESS, options: JobSubmissionClientOptions = {}) {
    this.#connection = new Connection(address, options);
    this.#clock = options.clock ?? realClock;
    this.#patienceMs = options.reconnectPatienceMs ?? DEFAULT_PATIENCE_MS;
  }

  get address(): string {
    return this.#connection.address;
  }

  /** Resolves with the job's id once the job is durable. Code `JOB_ALREADY_EXISTS` if the chosen id is taken. */
  async submitJob(submission: JobSubmission): Promise<string> {
    if (submission.submissionId !== undefined) checkSubmissionId(submission.submissionId);
    const answer = await this.#ask<JobSubmissionAnswer>(ROUTES.heddleSubmitJob, 'submit a job', {
      body: submission,
    });
    return answer.submissionId;
  }

  /** Code `JOB_NOT_FOUND` if no job has this id. So do all methods that take one. */
  getJobInfo(submissionId: string): Promise<JobInfo> {
    return this.#askAbout(ROUTES.heddleGetJob, 'get job', submissionId);
  }

  async getJobStatus(submissionId: string): Promise<JobStatus> {
    return (await this.getJobInfo(submissionId)).status;
  }

  /** All jobs, in the order of their submission. */
  listJobs(): Promise<JobInfo[]> {
    return this.#ask(ROUTES.heddleListJobs, 'list the jobs');
  }

  /** True whenever this or an earlier request makes the job STOPPED; false if it was over before. */
  async stopJob(submissionId: string): Promise<boolean> {
    return (await this.#askAbout<JobStopAnswer>(ROUTES.stopJob, 'stop job', submissionId)).stopped;
  }

  /** Removes the record and the log of a job that is over. Code `JOB_NOT_TERMINAL` if it is not. */
  async deleteJob(submissionId: string): Promise<void> {
    await this.#askAbout<JobDeleteAnswer>(ROUTES.deleteJob, 'delete job', submissionId);
  }

  /** The whole log, or a part of it, as one string: for a long one `streamJobLog`. Ray: `get_job_logs`. */
  async getJobLogs(submissionId: string, range: LogQuery = {}): Promise<string> {
    const query = toQuery(range);
    return (await this.#askAbout<JobLogsAnswer>(ROUTES.getJobLogs, 'read the log of job', submissionId, query)).logs;
  }

  /** The log's bytes as the job wrote them, as far as they are written now, in pieces: no more than one is in memory. */
  async *streamJobLog(submissionId: string, range: LogQuery = {}): AsyncGenerator<Uint8Array, void, void> {
    checkSubmissionId(submissionId);
    const action = `read the log of job "${submissionId}"`;
    const parts = { action, parameters: { id: submissionId }, query: toQuery(range) };
    yield* this.#connection.stream(ROUTES.heddleJobLog, parts);
  }

  /** The log as it grows, from `offset` on, until the job's terminal status is visible. */
  async *tailJobLogs(submissionId: string, options: TailQuery = {}): AsyncGenerator<string, void, void> {
    for await (const chunk of this.tailJobLogChunks(submissionId, options)) yield chunk.text;
  }

  /** The same, with the offset at which to go on after each piece. */
  async *tailJobLogChunks(submissionId: string, options: TailQuery = {}): AsyncGenerator<LogChunk, void, void> {
    checkSubmissionId(submissionId);
    yield* followLog({
      connect: (offset) => this.#openTail(submissionId, offset),
      check: () => this.getJobInfo(submissionId),
      clock: this.#clock,
      patienceMs: this.#patienceMs,
      offset: options.offset ?? 0,
      signal: options.signal,
    });
  }

  /** Resolves with the job once its status is terminal. */
  async waitForJob(
    submissionId: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<JobInfo> {
    const info = await this.getJobInfo(submissionId);
    if (isTerminal(info.status)) return info;
    for await (const _ of this.tailJobLogChunks(submissionId, { offset: info.logBytes, signal: options.signal }));
    return this.getJobInfo(submissionId);
  }

  /** Whether this package is there; if so it stays for ten minutes at least, so that a job may name it. */
  async hasPackage(name: string): Promise<boolean> {
    const parameters = { protocol: PACKAGE_PROTOCOL, name: checkPackageName(name) };
    try {
      await this.#connection.send(ROUTES.getPackage, { action: `look for package "${name}"`, parameters });
      return true;
    } catch (error) {
      if (error instanceof RequestFailedError && error.code === 'PACKAGE_NOT_FOUND') return false;
      throw error;
    }
  }

  /**
   * Sends a zip archive of 100 MiB at most, unless it is there. Gives what a job names as `runtimeEnv.workingDir`; the
   * name should come from the content, as Ray's do. Code `PACKAGE_TOO_LARGE` beyond.
   */
  async uploadPackage(name: string, zip: Uint8Array<ArrayBuffer>): Promise<string> {
    const parameters = { protocol: PACKAGE_PROTOCOL, name: checkPackageName(name) };
    if (!(await this.hasPackage(name)))
      await this.#connection.send(ROUTES.putPackage, { action: `upload package "${name}"`, parameters, bytes: zip });
    return toPackageUri(name);
  }

  /** Rows as the state API has them, under Ray's names. */
  async listState<Row>(resource: StateResource, query: StateListQuery = {}): Promise<StateResult<Row>> {
    const parameters = new URLSearchParams();
    if (query.limit !== undefined) parameters.set('limit', String(query.limit));
    if (query.detail !== undefined) parameters.set('detail', query.detail ? 'True' : 'False');
    for (const filter of query.filters ?? []) {
      parameters.append('filter_keys', filter.key);
      parameters.append('filter_predicates', filter.predicate);
      parameters.append('filter_values', filter.value);
    }
    const envelope = await this.#ask<StateEnvelope<Row>>(ROUTES.listState, `list the ${resource}`, {
      parameters: { resource },
      query: parameters,
    });
    return envelope.data.result!; // An answer of 200 has a result.
  }

  async listActors(): Promise<ActorInfo[]> {
    const { result } = await this.listState<ActorStateRow>('actors', { detail: true, limit: STATE_LIMIT_MAX });
    return result.map(fromActorStateRow);
  }

  async listWorkers(): Promise<WorkerInfo[]> {
    const { result } = await this.listState<WorkerStateRow>('workers', { detail: true, limit: STATE_LIMIT_MAX });
    return result.map(fromWorkerStateRow);
  }

  /** Ends a thread of the daemon as a crash would: for tests and demonstrations of recovery. */
  async terminateWorker(workerId: string): Promise<void> {
    await this.#ask(ROUTES.heddleTerminateWorker, `terminate worker "${workerId}"`, { parameters: { id: workerId } });
  }

  getVersion(): Promise<HeddleVersionAnswer> {
    return this.#ask(ROUTES.heddleVersion, 'get the version');
  }

  /** What the daemon says of itself. */
  getStatus(): Promise<DaemonStatus> {
    return this.#ask(ROUTES.heddleStatus, 'get the status');
  }

  /** All that the daemon knows durably, as the bytes of one file: what `heddle backup` writes. Logs are not in it. */
  streamBackup(): AsyncGenerator<Uint8Array, void, void> {
    return this.#connection.stream(ROUTES.heddleBackup, { action: 'back up' });
  }

  /** Ends the daemon; resolves as soon as it has begun to. Jobs run on unless `stopJobs`. */
  shutdown(options: { readonly stopJobs?: boolean | undefined } = {}): Promise<ShutdownAnswer> {
    return this.#ask(ROUTES.heddleShutdown, 'stop the daemon', { body: { stopJobs: options.stopJobs ?? false } });
  }

  #ask<Answer>(
    route: Route,
    action: string,
    parts: { parameters?: Record<string, string>; query?: URLSearchParams; body?: unknown } = {},
  ): Promise<Answer> {
    return this.#connection.request(route, { action, ...parts });
  }

  async #askAbout<Answer>(route: Route, action: string, id: string, query = new URLSearchParams()): Promise<Answer> {
    checkSubmissionId(id);
    return this.#ask(route, `${action} "${id}"`, { parameters: { id }, query });
  }

  #openTail(id: string, offset: number): LogSocket {
    const query = new URLSearchParams({ offset: String(offset) });
    const url = this.#connection.socketUrl(ROUTES.heddleTailJobLogs, { parameters: { id }, query });
    return new LogSocket(url, this.#connection.headers);
  }
}

function checkPackageName(name: string): string {
  if (isPackageName(name)) return name;
  throw new RangeError(
    `Cannot use package ${quote(name)}: expected a name of letters, digits, "_", "." or "-" that ends in .zip`,
  );
}

function toQuery(range: LogQuery): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['offset', 'limit', 'tail'] as const)
    if (range[name] !== undefined) query.set(name, String(range[name]));
  return query;
}
