/**
 * Brings one attempt at a job from wherever it stands to a terminal status, and survives whatever dies on the way.
 *
 * It keeps nothing that it could not find out again: each turn looks at the record, the launcher and, where
 * those cannot know, at the processes; `judgeRecovery` decides; the turn acts. A first run is the recovery of
 * a job that nothing is known of yet. A failed turn (the launcher died, a write failed, the manager is being
 * opened anew) is waited out and followed by another one.
 *
 * It writes every status after PENDING, each by compare-and-set. It never decides by a job's silence.
 */

import { isTerminal } from '@heddle/api';
import { type Clock, createDeferred, type Deferred, delay } from '@heddle/base';
import {
  type AttemptReport,
  type Exited,
  type KillReport,
  LauncherGoneError,
  LaunchRefusedError,
  type LaunchRequest,
  type PidSpace,
  SpawnFailedError,
  type Started,
} from '@heddle/launcher';
import { type JobRecord, withOutcome, withProcess } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import { findSetupProblem, type LaunchSettings, toLaunchRequest, toLogFile, toMark } from './launch-request.ts';
import { quoteLastLines } from './log-reader.ts';
import {
  failedExitMessage,
  type Outcome,
  outcomeOfExit,
  outcomeOfFailedSetup,
  QUOTED_CHARS,
  QUOTED_LINES,
} from './outcome.ts';
import { judgeRecovery, type LauncherWord, type ProcessFacts, toLauncherWord } from './recovery.ts';

/** The launcher as a supervisor needs it. `LauncherClient` is one. */
export interface AttemptLauncher {
  launch(request: LaunchRequest): Promise<Started>;
  refuse(attemptId: string, jobId: string): Promise<AttemptReport>;
  report(attemptId: string): Promise<AttemptReport | undefined>;
  exited(attemptId: string): Promise<Exited>;
  stop(attemptId: string, options: { signal: string; graceMs: number }): Promise<KillReport>;
}

/** The processes that carry a mark. */
export interface MarkedProcesses {
  count(mark: string): Promise<number>;
  /** Kills until two looks find none. */
  kill(mark: string): Promise<KillReport>;
}

/** What a supervision does to the world; the supervisor actor and the tests each bring their own. */
export interface SupervisionEffects {
  readonly actorId: string;
  readonly here: PidSpace;
  readonly clock: Clock;
  /** The present connection to the jobs table. Rejects while there is none. */
  records(): JobRecords | Promise<JobRecords>;
  /** A living launcher, started if need be. */
  launcher(): AttemptLauncher | Promise<AttemptLauncher>;
  readonly processes: MarkedProcesses;
  /** The record is terminal and durable: the launcher may forget the attempt. */
  settled(attemptId: string): void;
}

/** How a supervision fares. */
export interface SupervisionHealth {
  /** Failed turns in a row; 0: all is well. */
  readonly failures: number;
  /** The latest failure, for people. */
  readonly lastFailure: string | null;
}

/** Turns that failed, or decided nothing final too often in a row, are put off: this long first, then doubling. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;
const QUICK_TURNS = 5;

export class Supervision {
  readonly #submissionId: string;
  readonly #attemptId: string;
  readonly #settings: LaunchSettings;
  readonly #effects: SupervisionEffects;
  /** The record as it was just written, for the first turn of a first incarnation. */
  #fresh: JobEntry | undefined;
  #hasAttached = false;
  #stopAsked: Deferred<'stop'> = createDeferred<'stop'>();
  readonly #takenUp = createDeferred();
  #health: SupervisionHealth = { failures: 0, lastFailure: null };

  constructor(
    job: { readonly submissionId: string; readonly attemptId: string; readonly fresh: JobEntry | undefined },
    settings: LaunchSettings,
    effects: SupervisionEffects,
  ) {
    this.#submissionId = job.submissionId;
    this.#attemptId = job.attemptId;
    this.#fresh = job.fresh;
    this.#settings = settings;
    this.#effects = effects;
  }

  get health(): SupervisionHealth {
    return this.#health;
  }

  /** Resolves when the first look has led to something: the job runs under this supervision, is over, or had to be put off. */
  get takenUp(): Promise<void> {
    return this.#takenUp.promise;
  }

  /** Resolves when the job's terminal status is durable, or the job is no longer this supervision's. Never rejects. */
  async run(): Promise<void> {
    for (let inARow = 1; ; inARow++) {
      try {
        const isOver = await this.#turn();
        this.#health = { failures: 0, lastFailure: null };
        if (isOver) break;
        if (inARow > QUICK_TURNS) await this.#putOff(inARow - QUICK_TURNS);
      } catch (error) {
        await this.#failed(error);
      }
    }
    this.#takenUp.resolve();
  }

  /**
   * Says that a stop request is durable in the record. Resolves when a job that had not started never will, or
   * the launcher has told that it has.
   */
  async stop(): Promise<void> {
    this.#stopAsked.resolve('stop');
    if (this.#hasAttached) return;
    const launcher = await this.#effects.launcher();
    await launcher.refuse(this.#attemptId, this.#submissionId);
  }

  /** A launcher that died is looked after at once, anything else with growing patience. */
  async #failed(error: unknown): Promise<void> {
    const failures = this.#health.failures + 1;
    this.#health = { failures, lastFailure: String(error) };
    this.#fresh = undefined;
    if (error instanceof LauncherGoneError && failures === 1) return;
    this.#takenUp.resolve();
    await this.#putOff(failures);
  }

  #putOff(times: number): Promise<void> {
    return delay(this.#effects.clock, Math.min(RETRY_MS * 2 ** (times - 1), RETRY_MAX_MS));
  }

  /** One look, one decision, one act. True when there is nothing left to do. */
  async #turn(): Promise<boolean> {
    this.#stopAsked = createDeferred<'stop'>();
    const records = await this.#effects.records();
    const launcher = await this.#effects.launcher();
    const fresh = this.#fresh;
    this.#fresh = undefined;

    const entry = fresh ?? (await records.get(this.#submissionId));
    if (entry === undefined || entry.value.attemptId !== this.#attemptId || isTerminal(entry.value.status)) return true;
    const word: LauncherWord = fresh ? { word: 'nothing' } : toLauncherWord(await launcher.report(this.#attemptId));
    const processes = fresh ? { marked: 0 } : await this.#processes(entry.value, word);

    const decision = judgeRecovery(entry.value, word, processes, this.#effects.here);
    switch (decision.action) {
      case 'queue':
      case 'await-launcher':
        return this.#launch(records, launcher, entry);
      case 'refuse':
        await launcher.refuse(this.#attemptId, this.#submissionId);
        return false;
      case 'adopt':
        return this.#watch(records, launcher, entry, decision.started);
      case 'go-on-stopping':
        return this.#stop(records, launcher, entry, decision.started);
      case 'settle': {
        const report = decision.killFirst ? await this.#effects.processes.kill(this.#mark) : null;
        const settled = await this.#settle(records, entry, decision.outcome, decision.started, report);
        if (settled && decision.killAfter) await this.#effects.processes.kill(this.#mark);
        return settled;
      }
      case 'kill-orphans':
      case 'leave':
        return true;
    }
  }

  get #mark(): string {
    return toMark(this.#settings.identity, this.#attemptId);
  }

  /** A launcher that speaks of a living child of its own is believed; otherwise the processes are looked at. */
  async #processes(record: JobRecord, word: LauncherWord): Promise<ProcessFacts> {
    const launcherKnows =
      word.word === 'started' || word.word === 'claimed' || word.word === 'refused' || word.word === 'failed';
    const neverRan = word.word === 'nothing' && record.status === 'PENDING' && record.stopRequestedAtMs !== null;
    return { marked: launcherKnows || neverRan ? 0 : await this.#effects.processes.count(this.#mark) };
  }

  async #launch(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry): Promise<boolean> {
    const problem = findSetupProblem(entry.value);
    if (problem !== undefined) return this.#settle(records, entry, outcomeOfFailedSetup(problem), undefined, null);
    try {
      const started = await launcher.launch(toLaunchRequest(entry.value, this.#settings));
      return await this.#watch(records, launcher, entry, started);
    } catch (error) {
      if (error instanceof LaunchRefusedError || error instanceof SpawnFailedError) return false; // The report says it.
      throw error;
    }
  }

  /** Waits for the end of a process that runs. False when a stop request has come first. */
  async #watch(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry, started: Started): Promise<boolean> {
    const end = launcher.exited(this.#attemptId);
    end.catch(() => {}); // Awaited below; the record comes first.
    const running = await this.#attach(records, entry, started);
    if (running === undefined) return true;
    this.#takenUp.resolve();
    if (running.value.stopRequestedAtMs !== null) return false;

    const ended = await Promise.race([end, this.#stopAsked.promise]);
    if (ended === 'stop') return false;
    return this.#settle(records, running, outcomeOfExit(false, ended), started, null);
  }

  async #stop(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry, started: Started): Promise<boolean> {
    const attached = await this.#attach(records, entry, started);
    if (attached === undefined) return true;
    this.#takenUp.resolve();
    const { stopSignal, gracePeriodMs } = attached.value;
    const report = await launcher.stop(this.#attemptId, { signal: stopSignal, graceMs: gracePeriodMs });
    const exit = await launcher.exited(this.#attemptId);
    return this.#settle(records, attached, outcomeOfExit(true, exit), started, report);
  }

  /** The record is RUNNING and names this supervisor, or is none of its business any more: undefined. */
  async #attach(records: JobRecords, entry: JobEntry, started: Started): Promise<JobEntry | undefined> {
    if (this.#hasAttached && entry.value.status === 'RUNNING') return entry;
    const { entry: running, changed } = await records.change(
      this.#submissionId,
      (record) => {
        if (record.attemptId !== this.#attemptId) return undefined;
        const takesOver = record.status === 'RUNNING';
        return withProcess(record, started, this.#effects.actorId, record.supervisorRestarts + (takesOver ? 1 : 0));
      },
      entry,
    );
    this.#hasAttached ||= changed;
    return changed ? running : undefined;
  }

  /**
   * Writes the terminal status. False when a stop request has become durable that this outcome does not know:
   * the whole tree must be gone before STOPPED is shown, so another turn decides.
   */
  async #settle(
    records: JobRecords,
    entry: JobEntry,
    outcome: Outcome,
    started: Started | undefined,
    stopReport: KillReport | null,
  ): Promise<boolean> {
    const hasRun = outcome.exit !== null && started !== undefined;
    const known = hasRun && entry.value.status === 'PENDING' ? await this.#attach(records, entry, started) : entry;
    if (known === undefined) return true;
    const message = outcome.message ?? failedExitMessage(outcome.exit!, await this.#lastLines(started));
    let unawareOfStop = false;
    await records.change(
      this.#submissionId,
      (record) => {
        if (record.attemptId !== this.#attemptId) return undefined;
        unawareOfStop = record.stopRequestedAtMs !== null && outcome.status !== 'STOPPED' && !isTerminal(record.status);
        if (unawareOfStop) return undefined;
        const facts = { process: started ?? null, stopReport, atMs: this.#effects.clock.now() };
        return withOutcome(record, { ...outcome, message }, facts);
      },
      known,
    );
    if (unawareOfStop) return false;
    this.#effects.settled(this.#attemptId);
    return true;
  }

  #lastLines(started: Started | undefined): Promise<string> {
    const logFile = toLogFile(this.#settings.logDirectory, this.#submissionId);
    return quoteLastLines(logFile, QUOTED_LINES, QUOTED_CHARS, started?.logStartOffset ?? 0);
  }
}
