/**
 * Brings a job from wherever it stands to a terminal status, attempt after attempt, and survives whatever dies on
 * the way.
 *
 * It keeps nothing that it could not find out again: each turn looks at the record, the launcher and, where
 * those cannot know, at the processes; `judgeRecovery` decides; the turn acts. A first run is the recovery of
 * a job that nothing is known of yet. A failed turn (the launcher died, a write failed, the manager is being
 * opened anew) is waited out and followed by another one.
 *
 *   SupervisionTurn   one look, decision and act; AttemptStart: the way to a process
 *   AttemptWait       what is kept while a process runs
 *   AttemptRecord     every status after PENDING, each written by compare-and-set
 *
 * It never decides by a job's silence.
 */
import { delay } from '@heddle/base';
import { LauncherGoneError } from '@heddle/launcher';
import { known } from './attempt-wait.ts';
import type { JobEntry } from './job-records.ts';
import { Latch } from './latch.ts';
import type { LaunchSettings } from './launch-request.ts';
import { pauseAfterFailureMs, pauseAfterTurnMs } from './patience.ts';
import { type SupervisedIds, SupervisedJob } from './supervised-job.ts';
import type { SupervisionEffects } from './supervision-effects.ts';
import { takeTurn, turnAfter } from './supervision-turn.ts';

/** How a supervision fares. */
export interface SupervisionHealth {
  /** Failed turns in a row; 0: all is well. */
  readonly failures: number;
  /** The latest failure, for people. */
  readonly lastFailure: string | null;
}

/** One for all: thousands fare well. */
export const ALL_WELL: SupervisionHealth = { failures: 0, lastFailure: null };

export class Supervision {
  readonly #job: SupervisedJob;
  /** The record as it was just written, for the first turn of a first incarnation. */
  #fresh: JobEntry | undefined;
  /** Opened when that is there. */
  #awaited: Latch | undefined;
  #health = ALL_WELL;

  /** `awaitsRecord`: it is to begin when it is handed the record: see `begin`. */
  constructor(
    job: SupervisedIds & { readonly awaitsRecord?: boolean | undefined },
    settings: LaunchSettings,
    effects: SupervisionEffects,
  ) {
    this.#job = new SupervisedJob(job, settings, effects);
    this.#awaited = job.awaitsRecord ? new Latch() : undefined;
  }

  get health(): SupervisionHealth {
    return this.#health;
  }

  /** Resolves when the first look has led to something: the job runs under this supervision, is over, or had to be put off. */
  get takenUp(): Promise<void> {
    return this.#job.takenUp.opened;
  }

  /** Hands over the record of a new job as it was just written, of which nothing else is known yet. */
  begin(fresh: JobEntry): void {
    if (this.#awaited === undefined) return; // A later incarnation has begun by itself.
    this.#fresh = fresh;
    this.#awaited.open();
  }

  /** Resolves when the job's terminal status is durable, or the job is no longer this supervision's. Never rejects. */
  async run(): Promise<void> {
    await this.#awaited?.opened;
    this.#awaited = undefined;
    const job = this.#job;
    for (let inARow = 1; ; inARow++) {
      try {
        const result = await takeTurn(job, this.#takeFresh());
        const turn = typeof result === 'string' ? result : await turnAfter(job, result, known(await result.over(job)));
        this.#health = ALL_WELL;
        if (turn === 'over') break;
        if (turn === 'next') inARow = 0;
        await this.#pause(pauseAfterTurnMs(inARow));
      } catch (error) {
        await this.#failed(error);
      }
    }
    job.takenUp.open();
  }

  /**
   * Says that it is durable in the record that the job is to end. Resolves when a job that had not started never will, or
   * the launcher has told that it has.
   */
  async stop(): Promise<void> {
    const job = this.#job;
    job.stopAsked.open();
    if (job.isAttached) return;
    const launcher = await job.effects.launcher();
    await launcher.refuse(job.attemptId, job.submissionId);
  }

  #takeFresh(): JobEntry | undefined {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    return fresh;
  }

  async #failed(error: unknown): Promise<void> {
    const failures = this.#health.failures + 1;
    this.#health = { failures, lastFailure: String(error) };
    const pauseMs = pauseAfterFailureMs(failures, error instanceof LauncherGoneError);
    if (pauseMs > 0) this.#job.takenUp.open();
    await this.#pause(pauseMs);
  }

  async #pause(durationMs: number): Promise<void> {
    if (durationMs > 0) await delay(this.#job.effects.clock, durationMs);
  }
}
