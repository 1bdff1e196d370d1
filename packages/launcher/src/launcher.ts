/**
 * The launcher proper, knowing nothing of sockets: claims, spawns, awaits, stops and remembers attempts.
 *
 * Each method is one of the client's and promises the same. What has happened is applied to the table and appended
 * to the journal in the same turn. Answers that promise something wait for the fsync; those that tell a fact wait until
 * it is written, for what is written outlives this process. When the disk fails, claims and refusals are refused, for
 * they promise something about the future; facts are told all the same, and saved when it works again.
 */
import { closeSync } from 'node:fs';
import type { Clock } from '@heddle/base';
import {
  type AttemptReport,
  type Exited,
  type KillReport,
  type LaunchRequest,
  NOTHING_KILLED,
  type Started,
} from './attempt.ts';
import { judgeExit, judgeLaunch, judgeStop, type LaunchVerdict, mayForget, spawnFailed } from './attempt-judge.ts';
import { killLeftovers, type StopOrder, stopTree } from './attempt-stop.ts';
import { AttemptTable, type ClaimOrRefusal } from './attempt-table.ts';
import { ControlGroup } from './control-group.ts';
import { ControlGroups } from './control-groups.ts';
import { Failure, messageOf } from './failure.ts';
import { faultPoint } from './fault-point.ts';
import { beginLog, isPassing, type OpenLog } from './job-log.ts';
import { JobProcess, type SpawnMeans, type SpawnOutcome } from './job-process.ts';
import { JobTree } from './job-tree.ts';
import { Journal, readJournal } from './journal.ts';
import type { JournalRecord } from './journal-record.ts';
import type { LauncherStatus } from './launcher-status.ts';
import { LeftoverSweep } from './leftover-sweep.ts';
import { type LimitedLog, LogLimits } from './log-limits.ts';
import type { PosixSpawn } from './posix-spawn.ts';
import { PreparedPlace } from './prepared-place.ts';
import { ProcessLooks } from './process-looks.ts';
import { type PidSpace, readPidSpace } from './process-table.ts';
import { SpawnQueue } from './spawn-queue.ts';

export interface LauncherOptions {
  readonly journalPath: string;
  /** Where the directories of its control groups are noted. */
  readonly groupsPath: string;
  readonly clock: Clock;
  /** The faster way to start a process, where there is one. */
  readonly posixSpawn: PosixSpawn | undefined;
  /** For people: what went wrong without ending anything. */
  readonly log: (message: string) => void;
  /** Called whenever the launcher may have become idle, or busy. */
  readonly onChange: () => void;
}

/** An attempt that this launcher has claimed and whose end is not yet told. */
interface Run {
  /** Durable, or the disk fails. */
  readonly started: PromiseWithResolvers<Started>;
  readonly exited: PromiseWithResolvers<Exited>;
  process: JobProcess | undefined;
}

export class Launcher {
  readonly #options: LauncherOptions;
  readonly #table: AttemptTable;
  readonly #journal: Journal;
  readonly #pidSpace: PidSpace = readPidSpace();
  readonly #runs = new Map<string, Run>();
  /** Claims and refusals that are not yet durable. */
  readonly #promises = new Map<string, Promise<void>>();
  readonly #stops = new Map<string, Promise<KillReport>>();
  readonly #spawns = new SpawnQueue();
  readonly #looks = new ProcessLooks();
  readonly #groups: ControlGroups;
  readonly #sweep: LeftoverSweep;
  readonly #logLimits: LogLimits;
  readonly #startedAtMs: number;
  #spawned = 0;

  /**
   * Takes over what the last launcher's journal says.
   *
   * @throws Failure JOURNAL_DAMAGED, JOURNAL_TOO_NEW. A disk that takes no writes is no failure.
   */
  static async open(options: LauncherOptions): Promise<Launcher> {
    const { records, torn } = readJournal(options.journalPath);
    if (torn) options.log('the journal ended in a write that was never finished; nobody was told of it');
    const launcher = new Launcher(options, AttemptTable.fromDead(records));
    await launcher.#journal.start();
    return launcher;
  }

  private constructor(options: LauncherOptions, table: AttemptTable) {
    this.#options = options;
    this.#table = table;
    this.#startedAtMs = options.clock.now();
    this.#journal = new Journal({
      path: options.journalPath,
      clock: options.clock,
      snapshot: () => this.#table.toRecords(),
      runningJobs: () => this.#runs.size,
      onHealth: (failure) => {
        options.log(
          failure === undefined ? 'the journal can be written again' : `cannot write the journal: ${failure}`,
        );
        options.onChange();
      },
      onSaved: () => options.onChange(),
    });
    this.#groups = new ControlGroups({
      rootsFile: options.groupsPath,
      canStartIn: (groupFd) => options.posixSpawn?.canStartIn(groupFd) ?? false,
      log: options.log,
    });
    this.#sweep = new LeftoverSweep({
      clock: options.clock,
      look: () => this.#looks.look(),
      found: (attemptId, report) => this.#note({ type: 'leftovers', attemptId, report }),
      emptied: (group) => this.#groups.removeSoon(group),
      idle: options.onChange,
    });
    this.#logLimits = new LogLimits({
      clock: options.clock,
      exceeded: (log) => this.#stopForLog(log),
      log: options.log,
    });
  }

  /** Claimed or running, or being stopped: not a moment to leave. */
  get hasJobs(): boolean {
    return this.#runs.size > 0 || this.#stops.size > 0;
  }

  /** Nothing but a later daemon's curiosity needs this process. */
  get canLeave(): boolean {
    return !this.hasJobs && this.#sweep.isIdle && this.#journal.isSaved;
  }

  get status(): LauncherStatus {
    return {
      pid: process.pid,
      startedAtMs: this.#startedAtMs,
      containment: this.#groups.containment,
      containmentReason: this.#groups.reason,
      running: this.#runs.size,
      attempts: this.#table.size,
      spawned: this.#spawned,
      sweep: this.#sweep.stats,
      journal: this.#journal.stats,
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  /** Lets go of the journal and the groups; a journal without attempts is removed, and so is a group without processes. */
  close(): Promise<void> {
    this.#groups.close();
    return this.#journal.close({ remove: this.#table.size === 0 });
  }

  async launch(request: LaunchRequest): Promise<Started> {
    const { attemptId, jobId, marker } = request;
    const answer = judgeLaunch(this.#table.get(attemptId), this.#runs.has(attemptId));
    if (answer.verdict !== 'claim') return this.#answerLaunch(attemptId, answer);

    const run: Run = { started: quiet(), exited: quiet(), process: undefined };
    this.#runs.set(attemptId, run);
    this.#groups.prepare(request);
    const isAlone = this.#promises.size === 0; // Hundreds at once would hold hundreds of descriptors, and gain nothing.
    faultPoint('K3');
    const claimed = this.#promise({ type: 'claimed', attemptId, jobId, marker });
    const making = isAlone ? PreparedPlace.make(request, this.#groups) : undefined;
    try {
      await claimed;
      faultPoint('K4');
    } catch (error) {
      (await making)?.discard();
      this.#end(attemptId, run, error);
      throw error;
    }
    await this.#start(request, run, await making);
    return run.started.promise;
  }

  async refuse(attemptId: string, jobId: string): Promise<AttemptReport> {
    await this.#promises.get(attemptId)?.catch(() => {}); // A claim that fails leaves room for a refusal.
    if (this.#table.get(attemptId) === undefined) await this.#promise({ type: 'refused', attemptId, jobId });
    return this.#table.get(attemptId)!;
  }

  report(attemptId: string): AttemptReport | undefined {
    return this.#table.get(attemptId);
  }

  reports(): AttemptReport[] {
    return this.#table.all();
  }

  exited(attemptId: string): Promise<Exited> {
    const run = this.#runs.get(attemptId);
    const answer = judgeExit(attemptId, this.#table.get(attemptId), run !== undefined);
    if (answer.verdict === 'fail') throw answer.failure;
    return answer.verdict === 'await' ? run!.exited.promise : Promise.resolve(answer.exited);
  }

  stop(attemptId: string, order: StopOrder): Promise<KillReport> {
    const underWay = this.#stops.get(attemptId);
    if (underWay !== undefined) return underWay;
    const answer = judgeStop(attemptId, this.#table.get(attemptId));
    if (answer.verdict === 'fail') throw answer.failure;
    if (answer.verdict === 'answer') return Promise.resolve(answer.report);

    const stopping = this.#stop(attemptId, order).finally(() => {
      this.#stops.delete(attemptId);
      this.#options.onChange();
    });
    this.#stops.set(attemptId, stopping);
    return stopping;
  }

  settle(attemptIds: readonly string[]): void {
    const forgotten = attemptIds.filter((id) =>
      mayForget(this.#table.get(id), this.#runs.has(id), this.#stops.has(id)),
    );
    for (const id of forgotten) this.#removeOrphanedGroup(id);
    if (forgotten.length > 0) this.#note({ type: 'settled', attemptIds: forgotten });
    this.#options.onChange();
  }

  /** What a dead launcher's attempt ran in: whoever settled it has seen to the processes. */
  #removeOrphanedGroup(attemptId: string): void {
    if (!this.#table.get(attemptId)?.isOrphaned) return;
    for (const group of this.#groups.find(this.#table.markerOf(attemptId)!)) this.#groups.removeSoon(group);
  }

  async #answerLaunch(attemptId: string, answer: Exclude<LaunchVerdict, { verdict: 'claim' }>): Promise<Started> {
    if (answer.verdict === 'await-start') return this.#runs.get(attemptId)!.started.promise;
    await this.#promises.get(attemptId); // A refusal counts when it is durable.
    if (answer.verdict === 'fail') throw answer.failure;
    return answer.started;
  }

  /** The header, then the process: in this order, and only now that the claim is durable. */
  async #start(request: LaunchRequest, run: Run, place: PreparedPlace | undefined): Promise<void> {
    const { attemptId } = request;
    const outcome = await this.#spawn(request, place?.takeLog());
    if ('notNow' in outcome) return this.#giveBack(attemptId, run, outcome.notNow);
    if ('failure' in outcome) {
      await this.#save({ type: 'failed', attemptId, failure: outcome.failure });
      this.#end(attemptId, run, spawnFailed(attemptId, outcome.failure));
      return;
    }
    const { process } = outcome;
    this.#spawned++;
    run.process = process;
    const { logFile, logLimit } = request;
    if (logLimit !== undefined) this.#logLimits.add({ attemptId, file: logFile, limit: logLimit });
    void process.ended.then((exited) => this.#ended(request, run, process, exited));
    faultPoint('K5');
    await this.#save({ type: 'started', attemptId, started: process.started });
    faultPoint('K6');
    run.started.resolve(process.started);
  }

  /** The disk takes no log at present. Nothing was started, so the claim is forgotten and may be made again. */
  async #giveBack(attemptId: string, run: Run, reason: string): Promise<void> {
    this.#runs.delete(attemptId); // First: another launch of it begins anew.
    await this.#save({ type: 'settled', attemptIds: [attemptId] });
    this.#reject(run, new Failure('LAUNCHER_FULL', `Cannot take attempt "${attemptId}": ${reason}`, { attemptId }));
  }

  async #spawn(
    request: LaunchRequest,
    preparedLog: number | undefined,
  ): Promise<SpawnOutcome | { readonly notNow: string }> {
    await this.#spawns.turn();
    let log: OpenLog;
    try {
      log = beginLog(request.logFile, request.logHeader, preparedLog);
    } catch (error) {
      this.#groups.removeAhead(request);
      const fact = messageOf(error);
      if (isPassing(error)) return { notNow: `its log "${request.logFile}" cannot be written: ${fact}` };
      return { failure: `Cannot write the log "${request.logFile}": ${fact}` };
    }
    try {
      return await this.#groups.spawnIn(request, {
        into: (group, directory) => JobProcess.spawnInto(request, { ...this.#means(log), group }, directory),
        here: (group) => this.#spawnHere(request, { ...this.#means(log), group }),
        refused: (refusal) => ({ failure: `Cannot start "${request.argv[0]}" in a control group: ${refusal}` }),
      });
    } finally {
      closeSync(log.fd);
    }
  }

  #means(log: OpenLog): Omit<SpawnMeans, 'group'> {
    const { clock, posixSpawn } = this.#options;
    return { log, pidSpace: this.#pidSpace, clock, posixSpawn };
  }

  async #spawnHere(request: LaunchRequest, means: SpawnMeans): Promise<SpawnOutcome> {
    const outcome = await JobProcess.spawn(request, means);
    if (means.group !== undefined && 'failure' in outcome) this.#groups.removeSoon(means.group);
    return outcome;
  }

  /** In the turn of the exit: the one moment to ask whether the group has outlived its leader. */
  async #ended(request: LaunchRequest, run: Run, process: JobProcess, end: Exited): Promise<void> {
    const { attemptId, marker } = request;
    const exited = withLog(end, this.#logLimits.finish(attemptId));
    if (!this.#stops.has(attemptId)) {
      const ended = { attemptId, marker, leader: process.started, hadGroup: process.hasGroup() };
      this.#sweep.add({ ...ended, controlGroup: this.#groupStillUsed(process.started) });
    }
    faultPoint('K9');
    await this.#save({ type: 'exited', attemptId, exited });
    faultPoint('K10');
    this.#runs.delete(attemptId);
    run.exited.resolve(exited);
    this.#options.onChange();
  }

  /** The leader has ended: its group goes at once if it was alone in there. */
  #groupStillUsed({ controlGroup }: Started): ControlGroup | undefined {
    if (controlGroup === undefined) return undefined;
    const group = new ControlGroup(controlGroup);
    return this.#groups.remove(group) ? undefined : group;
  }

  #stopForLog({ attemptId, limit }: LimitedLog): void {
    this.stop(attemptId, { signal: limit.stopSignal as NodeJS.Signals, graceMs: limit.graceMs }).catch((error) =>
      this.#options.log(`cannot stop attempt "${attemptId}" for its log: ${messageOf(error)}`),
    );
  }

  /** The attempt will have no exit. */
  #end(attemptId: string, run: Run, reason: unknown): void {
    this.#runs.delete(attemptId);
    this.#reject(run, reason);
  }

  #reject(run: Run, reason: unknown): void {
    run.started.reject(reason);
    run.exited.reject(reason);
    this.#options.onChange();
  }

  async #stop(attemptId: string, order: StopOrder): Promise<KillReport> {
    const { clock } = this.#options;
    const { signal, graceMs } = order;
    await this.#save({ type: 'stop', attemptId, requestedAtMs: clock.now(), signal, graceMs });
    faultPoint('K15');
    const report = await this.#endTree(attemptId, order);
    await this.#save({ type: 'stopped', attemptId, report });
    return report;
  }

  async #endTree(attemptId: string, order: StopOrder): Promise<KillReport> {
    const run = this.#runs.get(attemptId);
    if (run !== undefined && !(await hasStarted(run))) return NOTHING_KILLED;
    const marker = this.#table.markerOf(attemptId)!;
    const groups = this.#groups.find(marker);
    const effects = { clock: this.#options.clock, look: () => this.#looks.look(), groups };
    if (run === undefined) this.#sweep.remove(attemptId);
    const report =
      run === undefined
        ? await killLeftovers(new JobTree(marker, this.#leaderHere(attemptId)), effects)
        : await stopTree(run.process!, marker, order, effects);
    for (const group of groups) this.#groups.removeSoon(group);
    return report;
  }

  /** Pids of another boot or namespace mean nothing here. */
  #leaderHere(attemptId: string): Started | undefined {
    const started = this.#table.get(attemptId)?.started;
    const isHere = started?.bootId === this.#pidSpace.bootId && started.pidNamespace === this.#pidSpace.pidNamespace;
    return isHere ? started : undefined;
  }

  /** Applies and saves a claim or refusal; takes it back when it cannot be made durable. */
  #promise(record: ClaimOrRefusal): Promise<void> {
    this.#table.applyProvisionally(record);
    const promise = this.#savePromise(record).finally(() => this.#promises.delete(record.attemptId));
    this.#promises.set(record.attemptId, promise);
    return promise;
  }

  async #savePromise(record: ClaimOrRefusal): Promise<void> {
    try {
      await this.#journal.append(record, 'claim');
      this.#table.confirm(record.attemptId);
    } catch (error) {
      this.#table.retract(record.attemptId);
      const { attemptId } = record;
      throw new Failure(
        'LAUNCHER_FULL',
        `Cannot take attempt "${attemptId}": its ${record.type === 'claimed' ? 'claim' : 'refusal'} could not be saved: ${messageOf(error)}`,
        { attemptId },
      );
    }
  }

  /** Applies a fact and waits until it outlives this process, or the disk fails. */
  async #save(record: JournalRecord): Promise<void> {
    this.#table.apply(record);
    await this.#journal.append(record).catch(() => {}); // It stays in the table, and is written when the disk works.
  }

  #note(record: JournalRecord): void {
    void this.#save(record).then(this.#options.onChange);
  }
}

const hasStarted = (run: Run): Promise<boolean> =>
  run.started.promise.then(
    () => true,
    () => false,
  );

/** Promises that nobody may be waiting for. */
function quiet<T>(): PromiseWithResolvers<T> {
  const deferred = Promise.withResolvers<T>();
  deferred.promise.catch(() => {});
  return deferred;
}

/** What the limit of the log has done to it. */
function withLog(exited: Exited, log: { readonly logBytes: number; readonly isExceeded: boolean } | undefined): Exited {
  if (log === undefined) return exited;
  return { ...exited, logBytes: log.logBytes, ...(log.isExceeded && { logLimitExceeded: true }) };
}
