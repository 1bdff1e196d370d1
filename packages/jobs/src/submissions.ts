/**
 * What users ask that changes jobs: that there be one, and that one end. Between the two, the way from the line to
 * the supervisors.
 *
 *   submit ──▶ PENDING durable ──▶ id returned ──▶ line ──▶ supervisor ──▶ …
 *   stop   ──▶ request durable ──▶ supervisor told ──▶ true
 *
 * A job that has not started when its start timeout passes is ended like one that is stopped.
 */
import { isTerminal } from '@heddle/api';
import { delay } from '@heddle/base';
import { faultPoint } from '@heddle/launcher';
import { JobAlreadyExistsError, JobNotFoundError, JobQueueFullError } from './errors.ts';
import type { JobBoard } from './job-board.ts';
import type { JobQueue } from './job-queue.ts';
import { newJobRecord, withEnding, withStopRequest } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import type { ResolvedJobManagerOptions } from './options.ts';
import { StartDeadlines } from './start-deadlines.ts';
import { type JobSubmitOptions, resolveSubmission } from './submission.ts';
import type { Supervisors } from './supervisors.ts';

export interface SubmissionsParts {
  readonly options: ResolvedJobManagerOptions;
  readonly records: JobRecords;
  readonly board: JobBoard;
  readonly queue: JobQueue;
  readonly supervisors: Pick<Supervisors, 'start' | 'stop'>;
  /** Aborts when the manager is disposed. */
  readonly closing: AbortSignal;
}

/** How long a stop waits for the supervisor to have heard of it. The request is durable anyway. */
const STOP_HEARD_MS = 1_000;

export class Submissions implements Disposable {
  readonly #parts: SubmissionsParts;
  readonly #deadlines: StartDeadlines;
  /**
   * Records that were made here: nobody has done anything about them. One that was found here may have been a living
   * supervisor's, and be over since.
   */
  readonly #made = new WeakSet<JobEntry>();
  #isOpen = false;

  constructor(parts: SubmissionsParts) {
    this.#parts = parts;
    this.#deadlines = new StartDeadlines(parts.options.clock, (submissionId) => void this.#startTimedOut(submissionId));
  }

  /** The jobs of an earlier manager are in the line again, or have their supervisors: from now on jobs start. */
  open(recovered: readonly JobEntry[]): void {
    this.#isOpen = true;
    for (const entry of recovered) if (entry.value.status === 'PENDING') this.#limitStart(entry);
    this.startNext();
  }

  async submit(given: JobSubmitOptions): Promise<string> {
    const { records, board, queue } = this.#parts;
    const { ids, clock, workingDirectory, gracePeriodMs, logBytesMax, maxPendingJobs } = this.#parts.options;
    const submissionId = () => ids.next('raysubmit');
    const request = resolveSubmission(given, { submissionId, workingDirectory, gracePeriodMs, logBytesMax });
    if (queue.isFull) throw new JobQueueFullError(maxPendingJobs);
    faultPoint('K0');
    const entry = await records.create(newJobRecord(request, ids.next('attempt'), clock.now()));
    if (entry === undefined && given.ifNotExists === true) return request.submissionId;
    if (entry === undefined) throw new JobAlreadyExistsError(request.submissionId);

    faultPoint('K1');
    this.#made.add(entry);
    queue.add(entry, given.startSignal !== undefined);
    const release = () => {
      queue.release(entry);
      this.startNext();
    };
    given.startSignal?.then(release, release);
    this.#limitStart(entry);
    board.put(entry);
    this.startNext();
    return request.submissionId;
  }

  async stop(submissionId: string): Promise<boolean> {
    const nowMs = this.#parts.options.clock.now();
    faultPoint('K13');
    const { entry } = await this.#parts.records.change(submissionId, (record) =>
      record.stopRequestedAtMs === null ? withStopRequest(record, nowMs) : undefined,
    );
    if (entry === undefined) throw new JobNotFoundError('stop job', submissionId);
    if (isTerminal(entry.value.status)) return false;
    faultPoint('K14');
    await this.#tellEnd(entry);
    return true;
  }

  /** Gives a supervisor to every waiting job whose turn it is. */
  startNext(): void {
    const { queue, board, supervisors, closing } = this.#parts;
    if (!this.#isOpen || closing.aborted) return;
    for (const entry of queue.takeNext(board))
      supervisors.start(entry.value, this.#made.has(entry) ? entry : undefined);
  }

  /** It has started, or is over: either way it waits no more. */
  hasLeft(submissionId: string): void {
    this.#deadlines.clear(submissionId);
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }

  /** That this job is to end is durable: its supervisor hears of it. */
  async #tellEnd(entry: JobEntry): Promise<void> {
    const { options, board, queue, supervisors } = this.#parts;
    board.put(entry);
    queue.take(entry.key); // It needs no turn: its supervisor refuses the attempt and that is all.
    supervisors.start(entry.value);
    const heard = new AbortController();
    const patience = delay(options.clock, STOP_HEARD_MS, heard.signal).catch(() => {});
    await Promise.race([supervisors.stop(entry.key), patience]);
    heard.abort();
  }

  #limitStart(entry: JobEntry): void {
    const { queue, options } = this.#parts;
    const unsatisfiableMs = queue.isUnsatisfiable(entry) ? options.startTimeoutMs : undefined;
    this.#deadlines.set(entry, entry.value.startTimeoutMs ?? unsatisfiableMs);
  }

  async #startTimedOut(submissionId: string): Promise<void> {
    const { options, records, closing } = this.#parts;
    try {
      const atMs = options.clock.now();
      const { entry, changed } = await records.change(submissionId, (record) =>
        withEnding(record, 'start-timeout', atMs),
      );
      if (entry !== undefined && changed) await this.#tellEnd(entry);
    } catch (error) {
      if (!closing.aborted)
        options.logger.error({ jobId: submissionId, err: error }, 'cannot end a job that did not start in time');
    }
  }
}
