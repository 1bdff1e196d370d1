/**
 * One turn of a supervision: a look at the record, the launcher and the processes, the decision, and the act that
 * follows from it. It is over when the job is, when another look is due, or when there is an end to wait for.
 */
import { isTerminal } from '@heddle/api';
import type { AttemptReport, KillReport, Started } from '@heddle/launcher';
import { isSameJob } from './attempt-id.ts';
import { AttemptRecord, type Turn } from './attempt-record.ts';
import { AttemptStart } from './attempt-start.ts';
import { type AttemptWait, endOrStop, type Happened, watchAttempt } from './attempt-wait.ts';
import { endCauseOf } from './end-cause.ts';
import type { JobRecord } from './job-record.ts';
import type { JobEntry } from './job-records.ts';
import { Latch } from './latch.ts';
import { Limit } from './limit.ts';
import { outcomeOfExit } from './outcome.ts';
import { judgeRecovery, needsLook, type RecoveryAction, toLauncherWord } from './recovery.ts';
import { backoffLeftMs } from './retry.ts';
import { stopAttempt } from './stop-attempt.ts';
import type { SupervisedJob } from './supervised-job.ts';
import type { TurnGround } from './supervision-effects.ts';

/** What it has come to so far: an end may have to be waited for. */
export type TurnResult = Turn | AttemptWait;

/** `fresh`: the record as it was just written, of which nothing else is known yet. */
export async function takeTurn(job: SupervisedJob, fresh: JobEntry | undefined): Promise<TurnResult> {
  job.stopAsked = new Latch();
  const records = await job.effects.records();
  const launcher = await job.effects.launcher();
  const entry = fresh ?? (await records.get(job.submissionId));
  if (entry === undefined || !isSameJob(entry.value.attemptId, job.attemptId) || isTerminal(entry.value.status))
    return 'over';
  job.attemptId = entry.value.attemptId;
  if (await awaitRetry(job, entry.value)) return 'next';
  return new SupervisionTurn(job, { records, launcher, entry }).run(fresh !== undefined);
}

/** What follows when the wait for an end is over. */
export async function turnAfter(job: SupervisedJob, wait: AttemptWait, happened: Happened): Promise<Turn> {
  if (happened === 'stop') return 'again';
  if (happened === 'limit' && wait.leftMs(job) > 0) return 'again'; // A timer holds 24 days at most.
  const entry = await wait.entry(job);
  if (entry === undefined) return 'over';
  const record = new AttemptRecord(job, wait.records);
  if (happened === 'limit') {
    await record.end(entry, 'timeout');
    return 'again';
  }
  const stopReport = happened.logLimitExceeded ? await joinStop(job, entry.value) : null;
  const started = entry.value.process ?? undefined;
  return record.settle(entry, outcomeOfExit(undefined, happened), { started, stopReport });
}

/** The launcher has begun to end a job whose log is too long. */
async function joinStop(job: SupervisedJob, record: JobRecord): Promise<KillReport> {
  return stopAttempt(await job.effects.launcher(), job.attemptId, record);
}

/** Waits until the next attempt may begin, or a stop is asked for. False: there is nothing to wait for. */
async function awaitRetry(job: SupervisedJob, record: JobRecord): Promise<boolean> {
  const { clock } = job.effects;
  const leftMs = job.waitedFor === job.attemptId ? 0 : backoffLeftMs(record, clock.now());
  if (leftMs === 0) return false;
  job.takenUp.open();
  using limit = new Limit(clock, leftMs);
  if ((await Promise.race([limit.reached, job.stopAsked.opened])) === 'limit') job.waitedFor = job.attemptId;
  return true;
}

class SupervisionTurn {
  readonly #job: SupervisedJob;
  readonly #ground: TurnGround;
  readonly #start: AttemptStart;
  readonly #record: AttemptRecord;

  constructor(job: SupervisedJob, ground: TurnGround) {
    this.#job = job;
    this.#ground = ground;
    this.#start = new AttemptStart(job, ground);
    this.#record = new AttemptRecord(job, ground.records);
  }

  /** `isFresh`: nobody else has done anything about the job yet, so there is nothing to look at. */
  async run(isFresh: boolean): Promise<TurnResult> {
    const { attemptId, effects, actorId, mark } = this.#job;
    const { launcher, entry } = this.#ground;
    await this.#start.endSetUp();
    const told = isFresh ? undefined : await launcher.report(attemptId);
    const word = toLauncherWord(told);
    const marked = !isFresh && needsLook(entry.value, word) ? await effects.processes.count(mark) : 0;
    return this.#act(judgeRecovery(entry.value, word, { marked }, effects.here, actorId), told);
  }

  #act(decision: RecoveryAction, told: AttemptReport | undefined): TurnResult | Promise<TurnResult> {
    switch (decision.action) {
      case 'queue':
      case 'launch-next':
      case 'await-launcher': // Asked for again as it was: should the launcher give its claim back, this one counts.
        return this.#start.launch();
      case 'refuse':
        return this.#refuse();
      case 'share-fate':
        return this.#shareFate();
      case 'adopt':
        return this.#adopt(decision.started);
      case 'go-on-stopping':
        return this.#stop(decision.started);
      case 'settle':
        return this.#settle(decision, told);
      case 'kill-orphans':
      case 'leave':
        return 'over';
    }
  }

  async #refuse(): Promise<TurnResult> {
    await this.#ground.launcher.refuse(this.#job.attemptId, this.#job.submissionId);
    return 'again';
  }

  async #shareFate(): Promise<TurnResult> {
    await this.#record.end(this.#ground.entry, 'supervisor-died');
    return 'again';
  }

  #adopt(started: Started): Promise<TurnResult> {
    return watchAttempt(this.#job, this.#ground, started, endOrStop(this.#job, this.#ground.launcher));
  }

  async #stop(started: Started): Promise<TurnResult> {
    const { launcher, entry } = this.#ground;
    const { attemptId, takenUp } = this.#job;
    const attached = await this.#record.attach(entry, started);
    if (attached === undefined) return 'over';
    takenUp.open();
    const stopReport = await stopAttempt(launcher, attemptId, attached.value);
    const outcome = outcomeOfExit(endCauseOf(attached.value), await launcher.exited(attemptId));
    return this.#record.settle(attached, outcome, { started, stopReport });
  }

  async #settle(
    { outcome, started, killFirst, killAfter }: Extract<RecoveryAction, { action: 'settle' }>,
    told: AttemptReport | undefined,
  ): Promise<TurnResult> {
    const { mark, effects } = this.#job;
    const stopReport = killFirst ? await effects.processes.kill(mark) : await this.#stopReport(told);
    const settled = await this.#record.settle(this.#ground.entry, outcome, { started, stopReport });
    if (settled !== 'again' && killAfter) await effects.processes.kill(mark);
    return settled;
  }

  /** What a stop has done whose end this supervision did not see: its daemon died meanwhile, or the log was too long. */
  async #stopReport(told: AttemptReport | undefined): Promise<KillReport | null> {
    if (told?.stop === undefined || told.isOrphaned) return null;
    const { report, signal, graceMs } = told.stop;
    return report ?? this.#ground.launcher.stop(this.#job.attemptId, { signal, graceMs });
  }
}
