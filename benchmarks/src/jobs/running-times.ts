/** Hears in a manager's log when each job was first seen RUNNING: nobody has to ask, which would cost time of its own. */
import type { Logger } from 'heddle/jobs';

export class RunningTimes implements Logger {
  readonly #times = new Map<string, PromiseWithResolvers<number>>();

  /** Of `performance.now()`. */
  of(submissionId: string): Promise<number> {
    return this.#entry(submissionId).promise;
  }

  info(fields: { readonly jobId?: string; readonly status?: string }): void {
    if (fields.jobId !== undefined && fields.status === 'RUNNING') this.#entry(fields.jobId).resolve(performance.now());
  }

  debug(): void {}

  warn(): void {}

  error(): void {}

  child(): Logger {
    return this;
  }

  #entry(submissionId: string): PromiseWithResolvers<number> {
    const known = this.#times.get(submissionId) ?? Promise.withResolvers<number>();
    this.#times.set(submissionId, known);
    return known;
  }
}
