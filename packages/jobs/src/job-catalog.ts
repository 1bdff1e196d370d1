/** Which jobs there are: finds them, tells of them as they are now, and forgets those that are over. */
import { isTerminal, type JobInfo } from '@heddle/api';
import { faultPoint } from '@heddle/launcher';
import type { Closing } from './closing.ts';
import { JobNotFoundError, JobNotTerminalError } from './errors.ts';
import { toJobInfo } from './job-info.ts';
import type { JobLogs } from './job-logs.ts';
import type { JobQueue } from './job-queue.ts';
import { mayHaveLog } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';

export interface JobCatalogParts {
  readonly records: JobRecords;
  readonly queue: JobQueue;
  readonly logs: Pick<JobLogs, 'sizeOf' | 'remove'>;
  readonly closing: Closing;
}

export class JobCatalog {
  readonly #parts: JobCatalogParts;

  constructor(parts: JobCatalogParts) {
    this.#parts = parts;
  }

  async info(submissionId: string): Promise<JobInfo> {
    return this.#toInfo(await this.find('get job', submissionId));
  }

  /** All jobs, in the order of their submission. */
  async list(): Promise<JobInfo[]> {
    const { closing, records } = this.#parts;
    closing.check('list jobs');
    return Promise.all((await records.list()).map((entry) => this.#toInfo(entry)));
  }

  /** `action`: what cannot be done without it, for the error. @throws JobNotFoundError */
  async find(action: string, submissionId: string): Promise<JobEntry> {
    const { closing, records } = this.#parts;
    closing.check(action);
    const entry = typeof submissionId === 'string' ? await records.get(submissionId) : undefined;
    if (entry === undefined) throw new JobNotFoundError(action, submissionId);
    return entry;
  }

  /** Forgets a job that is over, and its log. @throws JobNotFoundError, JobNotTerminalError */
  async delete(submissionId: string): Promise<void> {
    const { records, logs } = this.#parts;
    for (;;) {
      const entry = await this.find('delete job', submissionId);
      if (!isTerminal(entry.value.status)) throw new JobNotTerminalError(submissionId, entry.value.status);
      await logs.remove(submissionId); // First: a new job of this id must not find an old log.
      faultPoint('K19');
      if (await records.delete(entry)) return;
    }
  }

  /** The same of a job that may be gone already. */
  async forget(submissionId: string): Promise<void> {
    await this.delete(submissionId).catch((error) => {
      if (!(error instanceof JobNotFoundError)) throw error;
    });
  }

  async #toInfo(entry: JobEntry): Promise<JobInfo> {
    const { queue, logs } = this.#parts;
    const isUnsaid = entry.value.exit === null && mayHaveLog(entry.value);
    const info = toJobInfo(entry.value, isUnsaid ? await logs.sizeOf(entry.key) : 0);
    return info.status === 'PENDING' ? { ...info, message: queue.messageFor(entry) } : info;
  }
}
