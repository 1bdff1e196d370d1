/** Jobs in memory, for tests of the server: a `JobService` whose jobs run and end when the test says so. */
import {
  checkSubmissionId,
  DEFAULT_JOB_MESSAGES,
  isTerminal,
  type JobInfo,
  type JobStatus,
  type JobSubmission,
  type LogChunk,
} from '@heddle/api';
import { CountingIds, HeddleError } from '@heddle/base';
import type { JobService, JobServiceStats, LogRange } from '../job-service.ts';

/** Errors with the codes that the job manager has. */
class MemoryJobError extends HeddleError {
  override readonly code: string;
  override readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, details: Readonly<Record<string, unknown>>) {
    super(`Cannot go on: ${code}`);
    this.code = code;
    this.details = details;
  }
}

interface MemoryJob {
  info: JobInfo;
  log: string;
}

export class MemoryJobs implements JobService {
  readonly submissions: JobSubmission[] = [];
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #ids = new CountingIds();
  readonly #listeners = new Set<() => void>();
  readonly packages = new Map<string, Buffer>();
  packageBytesMax = Number.POSITIVE_INFINITY;
  /** How many bytes of packages have come. */
  received = 0;
  problems: string[] = [];

  /** How many logs are being followed. */
  get following(): number {
    return this.#listeners.size;
  }

  async submitJob(submission: JobSubmission): Promise<string> {
    const submissionId = submission.submissionId ?? this.#ids.next('raysubmit');
    checkSubmissionId(submissionId);
    if (submission.entrypoint === '') throw new RangeError('Cannot submit a job with entrypoint "": expected text');
    if (this.#jobs.has(submissionId)) throw new MemoryJobError('JOB_ALREADY_EXISTS', { submissionId });
    this.submissions.push(submission);
    this.#jobs.set(submissionId, { info: newInfo(submissionId, submission), log: '' });
    return submissionId;
  }

  async getJobInfo(submissionId: string): Promise<JobInfo> {
    return this.#find(submissionId).info;
  }

  async listJobs(): Promise<JobInfo[]> {
    return [...this.#jobs.values()].map((job) => job.info);
  }

  async stopJob(submissionId: string): Promise<boolean> {
    const { info } = this.#find(submissionId);
    if (isTerminal(info.status)) return false;
    this.become(submissionId, 'STOPPED');
    return true;
  }

  async deleteJob(submissionId: string): Promise<void> {
    const { status } = this.#find(submissionId).info;
    if (!isTerminal(status)) throw new MemoryJobError('JOB_NOT_TERMINAL', { submissionId, status });
    this.#jobs.delete(submissionId);
  }

  async streamJobLog(submissionId: string, range: LogRange): Promise<AsyncIterable<Uint8Array>> {
    return inBytes(partOf(this.#find(submissionId).log, range));
  }

  async *tailJobLogChunks(
    submissionId: string,
    options: { offset: number; signal: AbortSignal },
  ): AsyncGenerator<LogChunk, void, void> {
    let at = options.offset;
    for (;;) {
      const { info, log } = this.#find(submissionId);
      if (log.length > at) {
        const text = log.slice(at);
        at = log.length;
        yield { text, nextOffset: at };
        continue;
      }
      if (isTerminal(info.status)) return;
      await this.#change(options.signal);
    }
  }

  async hasPackage(name: string): Promise<boolean> {
    return this.packages.has(name);
  }

  async putPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) {
      chunks.push(chunk);
      this.received += chunk.byteLength;
      if (this.received > this.packageBytesMax) throw new MemoryJobError('PACKAGE_TOO_LARGE', {});
    }
    this.packages.set(name, Buffer.concat(chunks));
  }

  async streamBackup(): Promise<AsyncIterable<Uint8Array>> {
    return inBytes(JSON.stringify([...this.#jobs.keys()]));
  }

  stats(): JobServiceStats {
    const jobs: Record<JobStatus, number> = { PENDING: 0, RUNNING: 0, STOPPED: 0, SUCCEEDED: 0, FAILED: 0 };
    for (const { info } of this.#jobs.values()) jobs[info.status] += 1;
    return {
      jobs,
      waiting: 0,
      queue: { waiting: 0, unsatisfiable: 0, maxRunningJobs: 16, maxPendingJobs: 100 },
      resources: { total: { CPU: 2, memory: 1024 }, used: { CPU: 1 } },
      supervisors: { watched: 0, unreachable: 0, struggling: 0, replaced: 0 },
      recovered: { adopted: 0, settled: 0, queued: 0, lost: 0, durationMs: 0 },
      orphans: { leftovers: 0, unrecorded: 0, supervisors: 0, unsupervised: 0, killed: 0, survivors: 0 },
      launcher: { pid: 77, containment: 'marker' },
      isDegraded: this.problems.length > 0,
      problems: this.problems,
    };
  }

  /** The process writes. */
  write(submissionId: string, text: string): void {
    const job = this.#find(submissionId);
    job.log += text;
    this.#announce();
  }

  /** The job's status changes. */
  become(submissionId: string, status: JobStatus, more: Partial<JobInfo> = {}): void {
    const job = this.#find(submissionId);
    job.info = { ...job.info, status, message: DEFAULT_JOB_MESSAGES[status], ...more };
    this.#announce();
  }

  #find(submissionId: string): MemoryJob {
    const job = this.#jobs.get(submissionId);
    if (job === undefined) throw new MemoryJobError('JOB_NOT_FOUND', { submissionId });
    return job;
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }

  async #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listeners.add(resolve);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort);
    await promise;
    this.#listeners.delete(resolve);
    signal.removeEventListener('abort', onAbort);
    signal.throwIfAborted();
  }
}

const newInfo = (submissionId: string, submission: JobSubmission): JobInfo => ({
  submissionId,
  status: 'PENDING',
  entrypoint: typeof submission.entrypoint === 'string' ? submission.entrypoint : submission.entrypoint.join(' '),
  message: DEFAULT_JOB_MESSAGES.PENDING,
  errorType: null,
  submittedAtMs: 1,
  startTime: null,
  endTime: null,
  metadata: submission.metadata ?? null,
  runtimeEnv: submission.runtimeEnv ?? null,
  workingDirectory: submission.workingDirectory ?? '/',
  driverExitCode: null,
  exitCode: null,
  signal: null,
  driverPid: null,
  supervisorActorId: null,
  supervisorRestarts: 0,
  attempt: 1,
  pastAttempts: [],
  retryTime: null,
  maxRetries: submission.maxRetries ?? 0,
  timeoutMs: submission.timeoutMs ?? null,
  startTimeoutMs: submission.startTimeoutMs ?? null,
  fateSharing: submission.fateSharing ?? false,
  priority: submission.priority ?? 0,
  logLimitBytes: submission.logLimitBytes ?? null,
  logLimitPolicy: submission.logLimitPolicy ?? null,
  resources: {},
  logBytes: 0,
  logStartOffset: 0,
});

function partOf(log: string, range: LogRange): string {
  const lines = log.split(/(?<=\n)/);
  if (range.tail !== undefined) return lines.slice(-range.tail).join('');
  const from = range.offset ?? 0;
  return log.slice(from, range.limit === undefined ? undefined : from + range.limit);
}

/** One byte at a time: whoever reads must bear any pieces. */
async function* inBytes(text: string): AsyncGenerator<Uint8Array, void, void> {
  for (const byte of Buffer.from(text)) yield Uint8Array.of(byte);
}
