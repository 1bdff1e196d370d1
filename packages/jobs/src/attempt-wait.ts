/**
 * A process runs, and its end is waited for: that may take days, thousands of times at once. So this is all that is
 * kept of the turn meanwhile; the record is read again if it is no longer at hand.
 */
import type { Exited, Started } from '@heddle/launcher';
import { AttemptRecord, type Turn } from './attempt-record.ts';
import { endCauseOf } from './end-cause.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import { Limit } from './limit.ts';
import type { AttemptLauncher } from './machine.ts';
import type { SupervisedJob } from './supervised-job.ts';
import type { TurnGround } from './supervision-effects.ts';

export interface RunLimit {
  readonly timeoutMs: number;
  readonly started: Started;
}

/** The launcher cannot say how it ended. */
class EndUnknown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** The process has ended, or is to end: because that was asked for, or because it has run too long. */
export type Happened = Exited | 'stop' | 'limit';

/** It never rejects, so that it may be asked for before there is anybody to wait for it. */
export type EndOrStop = Promise<Exited | 'stop' | EndUnknown>;

/** What comes first: the end, as the launcher will tell it, or the wish that there be one. */
export function endOrStop(job: SupervisedJob, launcher: AttemptLauncher): EndOrStop {
  return new Promise((resolve) => {
    launcher.exited(job.attemptId).then(resolve, (error) => resolve(new EndUnknown(error)));
    job.stopAsked.whenOpen(() => resolve('stop'));
  });
}

export class AttemptWait {
  readonly records: JobRecords;
  readonly #known: WeakRef<JobEntry>;
  readonly #end: EndOrStop;
  /** Undefined: it may run as long as it likes. */
  readonly #limit: RunLimit | undefined;

  constructor(records: JobRecords, known: JobEntry, end: EndOrStop, limit: RunLimit | undefined) {
    this.records = records;
    this.#known = new WeakRef(known);
    this.#end = end;
    this.#limit = limit;
  }

  /** What comes first; see `known`. */
  over(job: SupervisedJob): Promise<Awaited<EndOrStop> | 'limit'> {
    return this.#limit === undefined ? this.#end : this.#within(job);
  }

  /** A timer holds 24 days at most: it may be up before the limit is reached. */
  leftMs(job: SupervisedJob): number {
    if (this.#limit === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#limit.timeoutMs - job.effects.ageMs(this.#limit.started));
  }

  /** The record as last seen, or read again; undefined if it is gone. */
  async entry(job: SupervisedJob): Promise<JobEntry | undefined> {
    return this.#known.deref() ?? (await this.records.get(job.submissionId));
  }

  async #within(job: SupervisedJob): Promise<Awaited<EndOrStop> | 'limit'> {
    using timer = new Limit(job.effects.clock, this.leftMs(job));
    return await Promise.race([this.#end, timer.reached]);
  }
}

/** What has happened, if that can be known. @throws what the launcher says. */
export function known(happened: Happened | EndUnknown): Happened {
  if (happened instanceof EndUnknown) throw happened.error;
  return happened;
}

/** The record is made to say that the process runs; its end is for the caller to wait for. */
export async function watchAttempt(
  job: SupervisedJob,
  { records, entry }: TurnGround,
  started: Started,
  end: EndOrStop,
): Promise<Turn | AttemptWait> {
  const running = await new AttemptRecord(job, records).attach(entry, started);
  if (running === undefined) return 'over';
  job.takenUp.open();
  if (endCauseOf(running.value) !== undefined) return 'again';
  const { timeoutMs } = running.value;
  return new AttemptWait(records, running, end, timeoutMs === null ? undefined : { timeoutMs, started });
}
