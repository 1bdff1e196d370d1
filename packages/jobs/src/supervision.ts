/**
 * Brings a job from wherever it stands to a terminal status, attempt after attempt, and survives whatever dies on
 * the way.
 *
 * It keeps nothing that it could not find out again: each turn looks at the record, the launcher and, where
 * those cannot know, at the processes; `judgeRecovery` decides; the turn acts. A first run is the recovery of
 * a job that nothing is known of yet. A failed turn (the launcher died, a write failed, the manager is being
 * opened anew) is waited out and followed by another one.
 *
 * It writes every status after PENDING, each by compare-and-set. It never decides by a job's silence.
 */

import { isTerminal } from '@heddle/api';
import { type Clock, delay } from '@heddle/base';
import {
  type AttemptReport,
  type Exited,
  faultPoint,
  type KillReport,
  LauncherGoneError,
  LaunchRefusedError,
  type LaunchRequest,
  type PidSpace,
  SpawnFailedError,
  type Started,
} from '@heddle/launcher';
import { isSameJob, toAttemptId } from './attempt-id.ts';
import { type EndReason, endCauseOf } from './end-cause.ts';
import { type JobRecord, withEnding, withNextAttempt, withOutcome, withProcess, withSetUp } from './job-record.ts';
import type { JobEntry, JobRecords } from './job-records.ts';
import { Latch } from './latch.ts';
import { type LaunchSettings, toLaunchRequest, toLogFile, toMark } from './launch-request.ts';
import { Limit } from './limit.ts';
import { fileLogs, type LogLooks } from './log-looks.ts';
import type { AttemptLauncher, MarkedProcesses } from './machine.ts';
import {
  failedExitMessage,
  type Outcome,
  outcomeOfExit,
  outcomeOfFailedSetup,
  QUOTED_CHARS,
  QUOTED_LINES,
} from './outcome.ts';
import { judgeRecovery, type LauncherWord, type ProcessFacts, toLauncherWord } from './recovery.ts';
import { backoffMs } from './retry.ts';
import { needsSetUp, SetUp } from './set-up.ts';
import type { Workspace } from './workspace.ts';

/** What a supervision does to the world; the supervisor actor and the tests each bring their own. */
export interface SupervisionEffects {
  readonly here: PidSpace;
  readonly clock: Clock;
  /** The present connection to the jobs table. Rejects while there is none. */
  records(): JobRecords | Promise<JobRecords>;
  /** A living launcher, started if need be. */
  launcher(): AttemptLauncher | Promise<AttemptLauncher>;
  readonly processes: MarkedProcesses;
  /** Where the job is to start; a package is unpacked for it. */
  workspace(record: JobRecord): Promise<Workspace | { readonly problem: string }>;
  /** Default: the files. */
  readonly logs?: LogLooks;
  /** How long a process has run. */
  ageMs(started: Started): number;
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

/** What a turn has come to: the job is over; look again; or look again, at a new attempt. */
type Turn = 'over' | 'again' | 'next';

/**
 * A process runs, and its end is to be waited for, which may take days, thousands of times at once. So this is all that
 * is kept of the turn meanwhile; the record is read again if it is no longer at hand.
 */
interface Watched {
  readonly records: JobRecords;
  readonly known: WeakRef<JobEntry>;
  readonly end: Promise<Exited>;
  /** Undefined: it may run as long as it likes. */
  readonly limit: RunLimit | undefined;
}

interface RunLimit {
  readonly timeoutMs: number;
  readonly started: Started;
}

/** The process has ended, or is to end: because that was asked for, or because it has run too long. */
type Happened = Exited | 'stop' | 'limit';

type TurnResult = Turn | Watched;

const ALL_WELL: SupervisionHealth = { failures: 0, lastFailure: null };

export interface SupervisedJob {
  readonly submissionId: string;
  readonly attemptId: string;
  /** The supervisor's. */
  readonly actorId: string;
  /** It is to begin when it is handed the record: see `begin`. */
  readonly awaitsRecord?: boolean | undefined;
}

export class Supervision {
  readonly #submissionId: string;
  readonly #actorId: string;
  /** The attempt at hand. */
  #attemptId: string;
  readonly #settings: LaunchSettings;
  readonly #effects: SupervisionEffects;
  /** The record as it was just written, for the first turn of a first incarnation. */
  #fresh: JobEntry | undefined;
  /** Opened when that is there. */
  #awaited: Latch | undefined;
  /** The attempt whose process the record names, with this supervisor. */
  #attachedTo: string | undefined;
  /** The attempt whose back-off is over. */
  #waitedFor: string | undefined;
  #stopAsked = new Latch();
  readonly #takenUp = new Latch();
  #health = ALL_WELL;
  /** Who was killed with the job's set-up. */
  #setUpReport: KillReport | null = null;

  constructor(job: SupervisedJob, settings: LaunchSettings, effects: SupervisionEffects) {
    this.#submissionId = job.submissionId;
    this.#attemptId = job.attemptId;
    this.#actorId = job.actorId;
    this.#awaited = job.awaitsRecord ? new Latch() : undefined;
    this.#settings = settings;
    this.#effects = effects;
  }

  get health(): SupervisionHealth {
    return this.#health;
  }

  /** Resolves when the first look has led to something: the job runs under this supervision, is over, or had to be put off. */
  get takenUp(): Promise<void> {
    return this.#takenUp.opened;
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
    for (let inARow = 1; ; inARow++) {
      try {
        const result = await this.#turn();
        const turn = typeof result === 'string' ? result : await this.#afterWait(result, await this.#untilEnd(result));
        this.#health = ALL_WELL;
        if (turn === 'over') break;
        if (turn === 'next') inARow = 0;
        if (inARow > QUICK_TURNS) await this.#putOff(inARow - QUICK_TURNS);
      } catch (error) {
        await this.#failed(error);
      }
    }
    this.#takenUp.open();
  }

  /**
   * Says that it is durable in the record that the job is to end. Resolves when a job that had not started never will, or
   * the launcher has told that it has.
   */
  async stop(): Promise<void> {
    this.#stopAsked.open();
    if (this.#attachedTo === this.#attemptId) return;
    const launcher = await this.#effects.launcher();
    await launcher.refuse(this.#attemptId, this.#submissionId);
  }

  /** A launcher that died is looked after at once, anything else with growing patience. */
  async #failed(error: unknown): Promise<void> {
    const failures = this.#health.failures + 1;
    this.#health = { failures, lastFailure: String(error) };
    this.#fresh = undefined;
    if (error instanceof LauncherGoneError && failures === 1) return;
    this.#takenUp.open();
    await this.#putOff(failures);
  }

  #putOff(times: number): Promise<void> {
    return delay(this.#effects.clock, Math.min(RETRY_MS * 2 ** (times - 1), RETRY_MAX_MS));
  }

  /** One look, one decision, one act. */
  async #turn(): Promise<TurnResult> {
    this.#stopAsked = new Latch();
    const records = await this.#effects.records();
    const launcher = await this.#effects.launcher();
    const fresh = this.#fresh;
    this.#fresh = undefined;

    const entry = fresh ?? (await records.get(this.#submissionId));
    if (entry === undefined || !isSameJob(entry.value.attemptId, this.#attemptId) || isTerminal(entry.value.status))
      return 'over';
    this.#attemptId = entry.value.attemptId;
    if (await this.#awaitRetry(entry.value)) return 'next';
    await this.#endSetUp(launcher, entry.value);
    const told = fresh ? undefined : await launcher.report(this.#attemptId);
    const word = toLauncherWord(told);
    const processes = fresh ? { marked: 0 } : await this.#processes(entry.value, word);

    const decision = judgeRecovery(entry.value, word, processes, this.#effects.here, this.#actorId);
    switch (decision.action) {
      case 'queue':
      case 'launch-next':
        return this.#launch(records, launcher, entry);
      case 'await-launcher': {
        // What is asked for was settled with the claim: this only waits for its answer.
        const asked = { directory: entry.value.workingDirectory, isAsked: false };
        return this.#start(records, launcher, entry, toLaunchRequest(entry.value, this.#settings, asked, false));
      }
      case 'refuse':
        await launcher.refuse(this.#attemptId, this.#submissionId);
        return 'again';
      case 'share-fate':
        return this.#end(records, entry, 'supervisor-died');
      case 'adopt':
        return this.#watch(records, entry, decision.started, this.#endOf(launcher));
      case 'go-on-stopping':
        return this.#stop(records, launcher, entry, decision.started);
      case 'settle': {
        const report = decision.killFirst
          ? await this.#effects.processes.kill(this.#mark)
          : await this.#stopReport(launcher, told);
        const mark = this.#mark;
        const settled = await this.#settle(records, entry, decision.outcome, decision.started, report);
        if (settled !== 'again' && decision.killAfter) await this.#effects.processes.kill(mark);
        return settled;
      }
      case 'kill-orphans':
      case 'leave':
        return 'over';
    }
  }

  /** Waits until the next attempt may begin, or a stop is asked for. False: there is nothing to wait for. */
  async #awaitRetry({ retryAtMs, retryDelayMs, attempt, maxRetries, stopRequestedAtMs }: JobRecord): Promise<boolean> {
    if (retryAtMs === null || stopRequestedAtMs !== null || this.#waitedFor === this.#attemptId) return false;
    const { clock } = this.#effects;
    // A wall clock that was set back must not make it longer.
    const longestMs = backoffMs({ attempt: attempt - 1, maxRetries, retryDelayMs });
    const leftMs = Math.min(retryAtMs - clock.now(), longestMs);
    if (leftMs <= 0) return false;
    this.#takenUp.open();
    using limit = new Limit(clock, leftMs);
    if ((await Promise.race([limit.reached, this.#stopAsked.opened])) === 'limit') this.#waitedFor = this.#attemptId;
    return true;
  }

  get #mark(): string {
    return this.#markOf(this.#attemptId);
  }

  #markOf(attemptId: string): string {
    return toMark(this.#settings.identity, attemptId);
  }

  get #logFile(): string {
    return toLogFile(this.#settings.logDirectory, this.#submissionId);
  }

  /** A launcher that speaks of a living child of its own is believed; otherwise the processes are looked at. */
  async #processes(record: JobRecord, word: LauncherWord): Promise<ProcessFacts> {
    const launcherKnows =
      word.word === 'started' || word.word === 'claimed' || word.word === 'refused' || word.word === 'failed';
    const neverRan = word.word === 'nothing' && record.process === null && endCauseOf(record) !== undefined;
    return { marked: launcherKnows || neverRan ? 0 : await this.#effects.processes.count(this.#mark) };
  }

  async #launch(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry): Promise<TurnResult> {
    const workspace = await this.#effects.workspace(entry.value);
    if ('problem' in workspace) return this.#failSetUp(records, launcher, entry, workspace.problem);
    if (needsSetUp(entry.value)) return this.#setUp(records, launcher, entry, workspace);

    const { attempt, setUpAtMs } = entry.value;
    if (attempt > 1) await this.#effects.processes.kill(this.#markOf(toAttemptId(this.#attemptId, attempt - 1)));
    const isInLine = (attempt > 1 || setUpAtMs !== null) && (await this.#logs.endsInLine(this.#logFile));
    const request = toLaunchRequest(entry.value, this.#settings, workspace, isInLine);
    return this.#start(records, launcher, entry, request);
  }

  async #start(
    records: JobRecords,
    launcher: AttemptLauncher,
    entry: JobEntry,
    request: LaunchRequest,
  ): Promise<TurnResult> {
    faultPoint('K2');
    try {
      const launched = launcher.launch(request);
      const end = this.#endOf(launcher); // Asked in one message with the launch, which the launcher reads first.
      return await this.#watch(records, entry, await launched, end);
    } catch (error) {
      if (error instanceof LaunchRefusedError || error instanceof SpawnFailedError) return 'again'; // The report says it.
      throw error;
    }
  }

  async #setUp(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry, workspace: Workspace): Promise<Turn> {
    this.#takenUp.open();
    const setUp = new SetUp(entry.value, this.#settings, this.#effects);
    const result = await setUp.run(launcher, workspace, this.#stopAsked.opened);
    if (result === 'ended') return 'again';
    if (result !== 'done') {
      this.#setUpReport = result.report ?? null;
      return this.#failSetUp(records, launcher, entry, result.problem);
    }
    const atMs = this.#effects.clock.now();
    await records.change(this.#submissionId, (record) =>
      record.attemptId === this.#attemptId ? withSetUp(record, atMs) : undefined,
    );
    this.#effects.settled(setUp.attemptId);
    return 'again';
  }

  /** A job that is to end must not leave its set-up behind. */
  async #endSetUp(launcher: AttemptLauncher, record: JobRecord): Promise<void> {
    if (!needsSetUp(record) || endCauseOf(record) === undefined) return;
    this.#setUpReport = (await new SetUp(record, this.#settings, this.#effects).end(launcher)) ?? this.#setUpReport;
  }

  /** The refusal first: nobody else, late, shall start what is about to have failed. */
  async #failSetUp(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry, problem: string): Promise<Turn> {
    const { phase } = await launcher.refuse(this.#attemptId, this.#submissionId);
    if (phase !== 'refused') return 'again';
    return this.#settle(records, entry, outcomeOfFailedSetup(problem), undefined, null);
  }

  /** What the launcher will say of the end. Nobody may be waiting for it yet when it fails. */
  #endOf(launcher: AttemptLauncher): Promise<Exited> {
    const end = launcher.exited(this.#attemptId);
    end.catch(() => {});
    return end;
  }

  /** The record is made to say that the process runs; its end is for the caller to wait for. */
  async #watch(records: JobRecords, entry: JobEntry, started: Started, end: Promise<Exited>): Promise<TurnResult> {
    const running = await this.#attach(records, entry, started);
    if (running === undefined) return 'over';
    this.#takenUp.open();
    if (endCauseOf(running.value) !== undefined) return 'again';

    const { timeoutMs } = running.value;
    return {
      records,
      known: new WeakRef(running),
      end,
      limit: timeoutMs === null ? undefined : { timeoutMs, started },
    };
  }

  /** What comes first. One promise stands for all of it, for thousands wait here. */
  #untilEnd({ end, limit }: Watched): Promise<Happened> {
    const endOrStop = new Promise<Happened>((resolve, reject) => {
      end.then(resolve, reject);
      this.#stopAsked.whenOpen(() => resolve('stop'));
    });
    return limit === undefined ? endOrStop : this.#within(limit, endOrStop);
  }

  async #within(limit: RunLimit, happened: Promise<Happened>): Promise<Happened> {
    using timer = new Limit(this.#effects.clock, this.#leftMs(limit));
    return await Promise.race([happened, timer.reached]);
  }

  async #afterWait({ records, known, limit }: Watched, happened: Happened): Promise<Turn> {
    if (happened === 'stop') return 'again';
    if (happened === 'limit' && this.#leftMs(limit!) > 0) return 'again'; // A timer holds 24 days at most.
    const entry = known.deref() ?? (await records.get(this.#submissionId));
    if (entry === undefined) return 'over';
    if (happened === 'limit') return this.#end(records, entry, 'timeout');
    const report = happened.logLimitExceeded ? await this.#joinStop(await this.#effects.launcher(), entry.value) : null;
    return this.#settle(records, entry, outcomeOfExit(undefined, happened), entry.value.process ?? undefined, report);
  }

  #leftMs({ timeoutMs, started }: RunLimit): number {
    return Math.max(0, timeoutMs - this.#effects.ageMs(started));
  }

  /** Makes durable why this attempt is to end, unless something else was first. */
  async #end(records: JobRecords, entry: JobEntry, reason: EndReason): Promise<Turn> {
    const atMs = this.#effects.clock.now();
    await records.change(
      this.#submissionId,
      (record) => (record.attemptId === this.#attemptId ? withEnding(record, reason, atMs) : undefined),
      entry,
    );
    return 'again';
  }

  async #stop(records: JobRecords, launcher: AttemptLauncher, entry: JobEntry, started: Started): Promise<Turn> {
    const attached = await this.#attach(records, entry, started);
    if (attached === undefined) return 'over';
    this.#takenUp.open();
    const report = await this.#joinStop(launcher, attached.value);
    const exit = await launcher.exited(this.#attemptId);
    return this.#settle(records, attached, outcomeOfExit(endCauseOf(attached.value), exit), started, report);
  }

  /** Stops the attempt, or waits with whoever did, until its whole tree is gone. */
  #joinStop(launcher: AttemptLauncher, { stopSignal, gracePeriodMs }: JobRecord): Promise<KillReport> {
    return launcher.stop(this.#attemptId, { signal: stopSignal, graceMs: gracePeriodMs });
  }

  /** What a stop has done whose end this supervision did not see: its daemon died meanwhile, or the log was too long. */
  async #stopReport(launcher: AttemptLauncher, told: AttemptReport | undefined): Promise<KillReport | null> {
    if (told?.stop === undefined || told.isOrphaned) return null;
    const { report, signal, graceMs } = told.stop;
    return report ?? launcher.stop(this.#attemptId, { signal, graceMs });
  }

  /** The record is RUNNING and names this supervisor, or is none of its business any more: undefined. */
  async #attach(records: JobRecords, entry: JobEntry, started: Started): Promise<JobEntry | undefined> {
    if (this.#attachedTo === this.#attemptId && entry.value.process !== null) return entry;
    faultPoint('K7');
    const { entry: running, changed } = await records.change(
      this.#submissionId,
      (record) => {
        if (record.attemptId !== this.#attemptId) return undefined;
        const takesOver = record.process !== null;
        return withProcess(record, started, this.#actorId, record.supervisorRestarts + (takesOver ? 1 : 0));
      },
      entry,
    );
    if (!changed) return undefined;
    faultPoint('K8');
    this.#attachedTo = this.#attemptId;
    return running;
  }

  /**
   * Writes the terminal status, or that another attempt follows. Neither when a stop request has become durable
   * that this outcome does not know: the whole tree must be gone before STOPPED is shown, so another turn decides.
   */
  async #settle(
    records: JobRecords,
    entry: JobEntry,
    outcome: Outcome,
    started: Started | undefined,
    stopReport: KillReport | null,
  ): Promise<Turn> {
    const hasRun = outcome.exit !== null && started !== undefined;
    const known = hasRun && entry.value.status === 'PENDING' ? await this.#attach(records, entry, started) : entry;
    if (known === undefined) return 'over';
    const message = outcome.message ?? failedExitMessage(outcome.exit!, await this.#lastLines(started));
    let unawareOfStop = false;
    const attemptId = this.#attemptId;
    faultPoint('K11');
    const { entry: settled } = await records.change(
      this.#submissionId,
      (record) => {
        if (record.attemptId !== attemptId) return undefined;
        unawareOfStop = record.stopRequestedAtMs !== null && outcome.status !== 'STOPPED' && !isTerminal(record.status);
        if (unawareOfStop) return undefined;
        const facts = {
          process: started ?? null,
          stopReport: stopReport ?? this.#setUpReport,
          atMs: this.#effects.clock.now(),
        };
        const told = { ...outcome, message };
        return withNextAttempt(record, told, facts) ?? withOutcome(record, told, facts);
      },
      known,
    );
    if (unawareOfStop) return 'again';
    const isOver = settled === undefined || isTerminal(settled.value.status);
    faultPoint(isOver ? 'K12' : 'K18');
    this.#effects.settled(attemptId);
    return isOver ? 'over' : 'next';
  }

  get #logs(): LogLooks {
    return this.#effects.logs ?? fileLogs;
  }

  #lastLines(started: Started | undefined): Promise<string> {
    return this.#logs.quoteLastLines(this.#logFile, QUOTED_LINES, QUOTED_CHARS, started?.logStartOffset ?? 0);
  }
}
