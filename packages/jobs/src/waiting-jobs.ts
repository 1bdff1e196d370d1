/**
 * The jobs that wait for their turn, in the order of their submission. No supervisor knows of them yet.
 */
import type { JobEntry } from './job-records.ts';
import type { WaitingJob } from './queue.ts';

interface Waiting extends WaitingJob {
  readonly entry: JobEntry;
  held: boolean;
}

export class WaitingJobs {
  readonly #jobs = new Map<string, Waiting>();

  get size(): number {
    return this.#jobs.size;
  }

  has(submissionId: string): boolean {
    return this.#jobs.has(submissionId);
  }

  /** In the order in which they wait. */
  [Symbol.iterator](): Iterator<WaitingJob> {
    return this.#jobs.values();
  }

  /** Puts a job at the end of the line. A held one lets others pass until `release`. */
  add(entry: JobEntry, held: boolean): void {
    const { submissionId } = entry.value;
    this.#jobs.set(submissionId, { submissionId, entry, held });
  }

  release(entry: JobEntry): void {
    const waiting = this.#jobs.get(entry.value.submissionId);
    if (waiting !== undefined && waiting.entry === entry) waiting.held = false;
  }

  /** Takes a job out of the line: its turn has come, or it is to be stopped. */
  take(submissionId: string): JobEntry | undefined {
    const waiting = this.#jobs.get(submissionId);
    this.#jobs.delete(submissionId);
    return waiting?.entry;
  }
}
