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

/** The process has ended, or is to end: because that was asked for, or because it has run too long. */
export type Happened = Exited | 'stop' | 'limit';

export class AttemptWait {
  readonly records: JobRecords;
  readonly #known: WeakRef<JobEntry>;
  readonly #end: Promise<Exited>;
  /** Undefined: it may run as long as it likes. */
  readonly #limit: RunLimit | undefined;

  constructor(records: JobRecords, known: JobEntry, end: Promise<Exited>, limit: RunLimit | undefined) {
    this.records = records;
    this.#known = new WeakRef(known);
    this.#end = end;
    this.#limit = limit;
  }

  /** What comes first. One promise stands for all of it. */
  over(job: SupervisedJob): Promise<Happened> {
    const end = this.#end;
    const endOrStop = new Promise<Happened>((resolve, reject) => {
      end.then(resolve, reject);
      job.stopAsked.whenOpen(() => resolve('stop'));
    });
    return this.#limit === undefined ? endOrStop : this.#within(job, endOrStop);
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

  async #within(job: SupervisedJob, happened: Promise<Happened>): Promise<Happened> {
    using timer = new Limit(job.effects.clock, this.leftMs(job));
    return await Promise.race([happened, timer.reached]);
  }
}

/** What the launcher will say of the end. Nobody may be waiting for it yet when it fails. */
export function endOf(launcher: AttemptLauncher, attemptId: string): Promise<Exited> {
  const end = launcher.exited(attemptId);
  end.catch(() => {});
  return end;
}

/** The record is made to say that the process runs; its end is for the caller to wait for. */
export async function watchAttempt(
  job: SupervisedJob,
  { records, entry }: TurnGround,
  started: Started,
  end: Promise<Exited>,
): Promise<Turn | AttemptWait> {
  const running = await new AttemptRecord(job, records).attach(entry, started);
  if (running === undefined) return 'over';
  job.takenUp.open();
  if (endCauseOf(running.value) !== undefined) return 'again';
  const { timeoutMs } = running.value;
  return new AttemptWait(records, running, end, timeoutMs === null ? undefined : { timeoutMs, started });
}
