/**
 * A job in a supervision's care: whose it is, and the little that is remembered of it from turn to turn.
 *
 * It is held for as long as the job runs, thousands of times at once: whatever can be looked up again is not in it.
 */
import type { KillReport } from '@heddle/launcher';
import { Latch } from './latch.ts';
import { type LaunchSettings, toLogFile, toMark } from './launch-request.ts';
import { fileLogs, type LogLooks } from './log-looks.ts';
import type { SupervisionEffects } from './supervision-effects.ts';

export interface SupervisedIds {
  readonly submissionId: string;
  readonly attemptId: string;
  /** The supervisor's. */
  readonly actorId: string;
}

export class SupervisedJob {
  readonly submissionId: string;
  readonly actorId: string;
  readonly settings: LaunchSettings;
  readonly effects: SupervisionEffects;
  /** The attempt at hand. */
  attemptId: string;
  /** The attempt whose process the record names, with this supervisor. */
  attachedTo: string | undefined;
  /** The attempt whose back-off is over. */
  waitedFor: string | undefined;
  /** Who was killed with the job's set-up. */
  setUpReport: KillReport | null = null;
  /** It is durable that the job is to end. Of the present turn: the next looks at the record again. */
  stopAsked = new Latch();
  /** The first look has led to something: the job runs under this supervision, is over, or had to be put off. */
  readonly takenUp = new Latch();

  constructor(ids: SupervisedIds, settings: LaunchSettings, effects: SupervisionEffects) {
    this.submissionId = ids.submissionId;
    this.attemptId = ids.attemptId;
    this.actorId = ids.actorId;
    this.settings = settings;
    this.effects = effects;
  }

  get isAttached(): boolean {
    return this.attachedTo === this.attemptId;
  }

  /** What the processes of the attempt at hand carry. */
  get mark(): string {
    return this.markOf(this.attemptId);
  }

  markOf(attemptId: string): string {
    return toMark(this.settings.identity, attemptId);
  }

  get logFile(): string {
    return toLogFile(this.settings.logDirectory, this.submissionId);
  }

  get logs(): LogLooks {
    return this.effects.logs ?? fileLogs;
  }
}
