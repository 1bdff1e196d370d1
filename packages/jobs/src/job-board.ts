/**
 * What the manager knows of all jobs without asking: for each its status and place in line, kept in step with
 * the jobs table by its watch, and by what the manager itself has just written.
 *
 * It may be a moment behind the table, never ahead of it: a job shown as over is durably so. Messages and
 * the like stay in the table.
 */
import { fromPackageUri, isTerminal, type JobStatus } from '@heddle/api';
import type { Change } from '@heddle/gcs';
import { type JobRecord, mayHaveLog } from './job-record.ts';
import type { JobEntry } from './job-records.ts';

export interface JobSummary {
  readonly submissionId: string;
  readonly attemptId: string;
  readonly status: JobStatus;
  readonly revision: number;
  /** The uploaded package that it needs. */
  readonly packageName: string | undefined;
  /** When it ended, by the wall clock, as its record says; null while it has not. */
  readonly endedAtMs: number | null;
  /** How long its log is; undefined where no end has said so. */
  readonly logBytes: number | undefined;
  /** When this board learnt that the job is over, by the monotonic clock, whole ms: thousands are kept; undefined while it is not. */
  readonly overSinceMs: number | undefined;
}

export class JobBoard {
  readonly #jobs = new Map<string, JobSummary>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #onChange: (submissionId: string) => void;
  readonly #monotonicMs: () => number;
  readonly #open = new Map<string, JobSummary>();

  /** `onChange` is called after each change, before the listeners of the job. */
  constructor(onChange: (submissionId: string) => void, monotonicMs: () => number) {
    this.#onChange = onChange;
    this.#monotonicMs = monotonicMs;
  }

  get(submissionId: string): JobSummary | undefined {
    return this.#jobs.get(submissionId);
  }

  get jobs(): Iterable<JobSummary> {
    return this.#jobs.values();
  }

  /** How many jobs are not over. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Those. */
  get openJobs(): Iterable<JobSummary> {
    return this.#open.values();
  }

  /** How many are. */
  get finishedCount(): number {
    return this.#jobs.size - this.#open.size;
  }

  isOver(submissionId: string): boolean {
    const job = this.#jobs.get(submissionId);
    return job === undefined || isTerminal(job.status);
  }

  /** False while nothing can have been written to its log. */
  mayHaveLog(submissionId: string): boolean {
    return this.#jobs.get(submissionId)?.logBytes !== 0;
  }

  /** Calls `listener` after each change of this job, its deletion included. */
  listen(submissionId: string, listener: () => void): Disposable {
    const listeners = this.#listeners.get(submissionId) ?? new Set();
    this.#listeners.set(submissionId, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(submissionId) === listeners)
          this.#listeners.delete(submissionId);
      },
    };
  }

  /** What is not among these ids at this revision, and is not younger, is gone. */
  retain(present: ReadonlySet<string>, revision: number): void {
    for (const submissionId of [...this.#jobs.keys()])
      if (!present.has(submissionId)) this.#delete(submissionId, revision);
  }

  apply(change: Change<JobRecord>): void {
    if (change.type === 'put') this.put(change);
    else this.#delete(change.key, change.revision);
  }

  /** News that are older than what is known change nothing. */
  put(entry: JobEntry): void {
    const { submissionId } = entry.value;
    const known = this.#jobs.get(submissionId);
    if (known !== undefined && known.revision >= entry.revision) return;
    const job = toSummary(entry, this.#monotonicMs);
    this.#jobs.set(submissionId, job);
    if (isTerminal(job.status)) this.#open.delete(submissionId);
    else this.#open.set(submissionId, job);
    this.#announce(submissionId);
  }

  #delete(submissionId: string, revision: number): void {
    const known = this.#jobs.get(submissionId);
    if (known === undefined || known.revision > revision) return;
    this.#jobs.delete(submissionId);
    this.#open.delete(submissionId);
    this.#announce(submissionId);
  }

  #announce(submissionId: string): void {
    this.#onChange(submissionId);
    for (const listener of [...(this.#listeners.get(submissionId) ?? [])]) listener();
  }
}

function toSummary({ revision, value }: JobEntry, monotonicMs: () => number): JobSummary {
  const { submissionId, attemptId, status, endedAtMs, exit, runtimeEnv } = value;
  const overSinceMs = isTerminal(status) ? Math.trunc(monotonicMs()) : undefined;
  const logBytes = exit?.logBytes ?? (mayHaveLog(value) ? undefined : 0);
  const packageName = fromPackageUri(runtimeEnv?.workingDir ?? '');
  return { submissionId, attemptId, status, revision, packageName, endedAtMs, logBytes, overSinceMs };
}
