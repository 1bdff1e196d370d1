/**
 * Whether the jobs can be asked yet. The server listens from the first moment, so that whoever looks gets an
 * answer; until the jobs of an earlier daemon are recovered the answer about jobs is 503.
 */
import { type DaemonState, WireError } from '@heddle/api';
import type { JobService } from './job-service.ts';

export class Readiness {
  #jobs: JobService | undefined;
  #isStopping = false;

  constructor(jobs: JobService | PromiseLike<JobService>) {
    // A recovery that fails is its owner's to report: here it stays "not ready".
    Promise.resolve(jobs).then(
      (ready) => {
        this.#jobs = ready;
      },
      () => {},
    );
  }

  /** The jobs if they can be asked. */
  get present(): JobService | undefined {
    return this.#jobs;
  }

  /** The jobs. @throws WireError 503 until they are recovered. Nothing has been done then. */
  jobs(): JobService {
    if (this.#jobs === undefined)
      throw new WireError(
        503,
        'RECOVERING',
        'The jobs of an earlier daemon are being recovered; try again in a moment',
        { retryable: true },
      );
    return this.#jobs;
  }

  /** The jobs, for a submission. @throws WireError 503 also when the daemon is about to end. */
  jobsForSubmission(): JobService {
    if (this.#isStopping) throw new WireError(503, 'STOPPING', 'The daemon is about to end', { retryable: true });
    return this.jobs();
  }

  get state(): DaemonState {
    if (this.#isStopping) return 'stopping';
    if (this.#jobs === undefined) return 'recovering';
    return this.#jobs.stats().isDegraded ? 'degraded' : 'ready';
  }

  /** From now on the daemon is about to end. */
  stop(): void {
    this.#isStopping = true;
  }
}
