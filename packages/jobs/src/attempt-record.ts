/**
 * What a supervision writes of the attempt at hand into its job's record: that it runs, is to end, has ended.
 *
 * Each change is a compare-and-set and is made only while the record still speaks of this attempt.
 */
import { isTerminal } from '@heddle/api';
import { faultPoint, type KillReport, type Started } from '@heddle/launcher';
import type { EndReason } from './end-cause.ts';
import { type JobRecord, withEnding, withProcess, withSetUp } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import { failedExitMessage, type Outcome, QUOTED_CHARS, QUOTED_LINES } from './outcome.ts';
import { judgeSettlement } from './settlement.ts';
import type { SupervisedJob } from './supervised-job.ts';

/** What a turn has come to: the job is over; look again; or look again, at a new attempt. */
export type Turn = 'over' | 'again' | 'next';

/** What is known of an end beside its outcome. */
export interface SettledFacts {
  readonly started: Started | undefined;
  readonly stopReport: KillReport | null;
}

export class AttemptRecord {
  readonly #job: SupervisedJob;
  readonly #records: JobRecords;

  constructor(job: SupervisedJob, records: JobRecords) {
    this.#job = job;
    this.#records = records;
  }

  /** The record is RUNNING and names this supervisor, or is none of its business any more: undefined. */
  async attach(entry: JobEntry, started: Started): Promise<JobEntry | undefined> {
    const job = this.#job;
    if (job.isAttached && entry.value.process !== null) return entry;
    faultPoint('K7');
    const { entry: running, changed } = await this.#change((record) => {
      const takesOver = record.process !== null;
      return withProcess(record, started, job.actorId, record.supervisorRestarts + (takesOver ? 1 : 0));
    }, entry);
    if (!changed) return undefined;
    faultPoint('K8');
    job.attachedTo = job.attemptId;
    return running;
  }

  /** Makes durable why this attempt is to end, unless something else was first. */
  async end(entry: JobEntry, reason: EndReason): Promise<void> {
    const atMs = this.#job.effects.clock.now();
    await this.#change((record) => withEnding(record, reason, atMs), entry);
  }

  async setUpDone(): Promise<void> {
    const atMs = this.#job.effects.clock.now();
    await this.#change((record) => withSetUp(record, atMs));
  }

  /** Writes the terminal status, or that another attempt follows, or neither: `judgeSettlement`. */
  async settle(entry: JobEntry, outcome: Outcome, facts: SettledFacts): Promise<Turn> {
    const known = await this.#seenRunning(entry, outcome, facts.started);
    if (known === undefined) return 'over';
    const told = { ...outcome, message: outcome.message ?? (await this.#failureOf(outcome, facts.started)) };
    const { attemptId, effects } = this.#job;
    faultPoint('K11');
    let mustLookAgain = false;
    const { entry: settled } = await this.#records.change(
      this.#job.submissionId,
      (record) => {
        const settlement = judgeSettlement(record, attemptId, told, this.#toEndingFacts(facts));
        mustLookAgain = settlement.verdict === 'look-again';
        return settlement.verdict === 'write' ? settlement.record : undefined;
      },
      known,
    );
    if (mustLookAgain) return 'again';
    const isOver = settled === undefined || isTerminal(settled.value.status);
    faultPoint(isOver ? 'K12' : 'K18');
    effects.settled(attemptId);
    return isOver ? 'over' : 'next';
  }

  /** No job that has run goes from PENDING to its end without having been RUNNING. */
  async #seenRunning(entry: JobEntry, { exit }: Outcome, started: Started | undefined): Promise<JobEntry | undefined> {
    const hasRun = exit !== null && started !== undefined;
    return hasRun && entry.value.status === 'PENDING' ? this.attach(entry, started) : entry;
  }

  async #failureOf({ exit }: Outcome, started: Started | undefined): Promise<string> {
    const { logs, logFile } = this.#job;
    const lastLines = await logs.quoteLastLines(logFile, QUOTED_LINES, QUOTED_CHARS, started?.logStartOffset ?? 0);
    return failedExitMessage(exit!, lastLines);
  }

  #toEndingFacts({ started, stopReport }: SettledFacts) {
    const { setUpReport, effects } = this.#job;
    return { process: started ?? null, stopReport: stopReport ?? setUpReport, atMs: effects.clock.now() };
  }

  #change(next: (record: JobRecord) => JobRecord | undefined, known?: JobEntry) {
    const { submissionId, attemptId } = this.#job;
    return this.#records.change(
      submissionId,
      (record) => (record.attemptId === attemptId ? next(record) : undefined),
      known,
    );
  }
}
