/**
 * A launcher without processes of its own: the product's attempt table, journal bytes and answers
 * (`attempt-table.ts`, `journal-codec.ts`, `attempt-judge.ts`), around a simulated machine.
 */
import type { AttemptReport, Exited, KillReport, LaunchRequest, Started } from '@heddle/launcher';
import { NOTHING_KILLED } from '../../packages/launcher/src/attempt.ts';
import {
  judgeExit,
  judgeLaunch,
  judgeStop,
  mayForget,
  spawnFailed,
} from '../../packages/launcher/src/attempt-judge.ts';
import { AttemptTable, type ClaimOrRefusal } from '../../packages/launcher/src/attempt-table.ts';
import type { JournalRecord } from '../../packages/launcher/src/journal-record.ts';
import { type JournalFile, SimJournal } from './journal-file.ts';
import type { Process } from './machine.ts';
import { Life } from './timeline.ts';
import type { World } from './world.ts';

interface Run {
  readonly started: PromiseWithResolvers<Started>;
  readonly exited: PromiseWithResolvers<Exited>;
  readonly ended: PromiseWithResolvers<void>;
  process: Process | undefined;
  graceUntilMs: number;
}

export interface StopOrder {
  readonly signal: string;
  readonly graceMs: number;
}

const EMPTY_LOOKS = 2;

export class SimLauncher {
  readonly life: Life;
  readonly #world: World;
  readonly #table: AttemptTable;
  readonly #journal: SimJournal;
  readonly #runs = new Map<string, Run>();
  readonly #promises = new Map<string, Promise<void>>();
  readonly #stops = new Map<string, Promise<KillReport>>();

  /** Takes over what the last one's journal says. */
  static async open(world: World, file: JournalFile): Promise<SimLauncher> {
    const launcher = new SimLauncher(world, file);
    await launcher.#journal.start();
    return launcher;
  }

  private constructor(world: World, file: JournalFile) {
    this.#world = world;
    this.life = new Life('launcher', world.machine.life);
    this.#table = AttemptTable.fromDead(file.read());
    this.#journal = new SimJournal(world, file, this.life, () => this.#table.toRecords());
  }

  get attempts(): number {
    return this.#table.size;
  }

  /** Attempts whose end only this launcher could have told. */
  get unfinished(): string[] {
    return [...this.#runs.keys()];
  }

  async launch(request: LaunchRequest): Promise<Started> {
    const { attemptId, jobId, marker } = request;
    const answer = judgeLaunch(this.#table.get(attemptId), this.#runs.has(attemptId));
    if (answer.verdict !== 'claim' && !this.#world.has('no-claim')) {
      if (answer.verdict === 'await-start') return this.#runs.get(attemptId)!.started.promise;
      await this.#promises.get(attemptId);
      if (answer.verdict === 'fail') throw answer.failure;
      return answer.started;
    }
    const run: Run = { started: quiet(), exited: quiet(), ended: quiet(), process: undefined, graceUntilMs: 0 };
    this.#runs.set(attemptId, run);
    const claimed = this.#promise({ type: 'claimed', attemptId, jobId, marker });
    if (!this.#world.has('spawn-before-claim')) await claimed;
    if (this.#world.has('running-before-spawn')) run.started.resolve(this.#invented());
    await this.#start(request, run);
    return run.started.promise;
  }

  async refuse(attemptId: string, jobId: string): Promise<AttemptReport> {
    await this.#promises.get(attemptId);
    if (this.#table.get(attemptId) === undefined) await this.#promise({ type: 'refused', attemptId, jobId });
    return this.#table.get(attemptId)!;
  }

  report(attemptId: string): AttemptReport | undefined {
    return this.#seen(this.#table.get(attemptId));
  }

  reports(): AttemptReport[] {
    return this.#table.all().map((report) => this.#seen(report)!);
  }

  async exited(attemptId: string): Promise<Exited> {
    const run = this.#runs.get(attemptId);
    const answer = judgeExit(attemptId, this.#table.get(attemptId), run !== undefined);
    if (answer.verdict === 'fail') throw answer.failure;
    return answer.verdict === 'await' ? run!.exited.promise : answer.exited;
  }

  stop(attemptId: string, order: StopOrder): Promise<KillReport> {
    const underWay = this.#stops.get(attemptId);
    if (underWay !== undefined) {
      if (this.#world.has('grace-restarted')) this.#beginGrace(attemptId, order);
      return underWay;
    }
    const answer = judgeStop(attemptId, this.#table.get(attemptId));
    if (answer.verdict === 'fail') throw answer.failure;
    if (answer.verdict === 'answer') return Promise.resolve(answer.report);
    const stopping = this.#stop(attemptId, order).finally(() => this.#stops.delete(attemptId));
    this.#stops.set(attemptId, stopping);
    return stopping;
  }

  settle(attemptIds: readonly string[]): void {
    const forgotten = attemptIds.filter((id) =>
      mayForget(this.#table.get(id), this.#runs.has(id), this.#stops.has(id)),
    );
    if (forgotten.length > 0) void this.#save({ type: 'settled', attemptIds: forgotten });
  }

  /** What a client is shown. */
  #seen(report: AttemptReport | undefined): AttemptReport | undefined {
    const isHidden = this.#world.has('exit-ignored') && report !== undefined && !this.#runs.has(report.attemptId);
    if (!isHidden || report.phase !== 'exited') return report;
    const { exited: _, ...rest } = report;
    return { ...rest, phase: 'started', isOrphaned: true };
  }

  async #start(request: LaunchRequest, run: Run): Promise<void> {
    const { attemptId } = request;
    const { machine } = this.#world;
    await this.#step(4);
    const plan = this.#world.planOf(request.jobId, attemptId);
    if (plan.cannotStart) {
      await this.#save({ type: 'failed', attemptId, failure: 'there is no such command' });
      this.#runs.delete(attemptId);
      const failure = spawnFailed(attemptId, 'there is no such command');
      run.started.reject(failure);
      run.exited.reject(failure);
      return;
    }
    const process = machine.spawn(attemptId, request.marker, plan);
    this.#world.trace(() => `launcher: ${attemptId} spawned as ${process.pid}`);
    run.process = process;
    this.#world.moment();
    process.onEnd = (exited) => this.#world.timeline.after(1, this.life, () => void this.#ended(request, run, exited));
    const started = machine.toStarted(process);
    await this.#save({ type: 'started', attemptId, started });
    run.started.resolve(started);
  }

  #invented(): Started {
    return { pid: 1, startTime: '0', startedAtMs: 0, ...this.#world.machine.here, logStartOffset: 0 };
  }

  async #ended(request: LaunchRequest, run: Run, exited: Exited): Promise<void> {
    const { attemptId, marker } = request;
    this.#world.trace(() => `launcher: ${attemptId} ended with ${exited.code ?? exited.signal}`);
    run.ended.resolve();
    this.#world.moment();
    if (!this.#stops.has(attemptId)) void this.#sweepLeftovers(marker);
    await this.#save({ type: 'exited', attemptId, exited });
    this.#runs.delete(attemptId);
    run.exited.resolve(exited);
  }

  async #stop(attemptId: string, order: StopOrder): Promise<KillReport> {
    const { signal, graceMs } = order;
    await this.#save({ type: 'stop', attemptId, requestedAtMs: this.#world.timeline.nowMs, signal, graceMs });
    const report = await this.#endTree(attemptId, order);
    await this.#save({ type: 'stopped', attemptId, report });
    return report;
  }

  async #endTree(attemptId: string, order: StopOrder): Promise<KillReport> {
    const run = this.#runs.get(attemptId);
    const mark = this.#table.markerOf(attemptId)!;
    if (run === undefined) return this.#killLeftovers(mark);
    const hasStarted = await run.started.promise.then(
      () => true,
      () => false,
    );
    if (!hasStarted) return NOTHING_KILLED;
    const leader = run.process!;
    await this.#step(20);
    if (leader.isAlive) this.#world.machine.askGroup(leader.pid, order.signal);
    this.#world.oracle.asked(attemptId, order.graceMs);
    this.#world.moment(0.2);
    this.#world.trace(() => `launcher: ${attemptId} is asked to end`);
    if (this.#world.has('stopped-before-gone')) return NOTHING_KILLED;
    this.#beginGrace(attemptId, order);
    while (this.#world.timeline.nowMs < run.graceUntilMs && this.#world.machine.inGroup(leader.pid).length > 0)
      await this.#step(50);
    if (leader.isAlive) this.#world.oracle.killed(attemptId);
    await this.#kill(mark);
    await run.ended.promise;
    return NOTHING_KILLED;
  }

  #beginGrace(attemptId: string, { graceMs }: StopOrder): void {
    const run = this.#runs.get(attemptId);
    if (run !== undefined) run.graceUntilMs = this.#world.timeline.nowMs + graceMs;
  }

  async #killLeftovers(mark: string): Promise<KillReport> {
    await this.#kill(mark);
    return NOTHING_KILLED;
  }

  async #sweepLeftovers(mark: string): Promise<void> {
    await this.#step(1000);
    await this.#kill(mark);
  }

  /** Until two looks find nothing. */
  async #kill(mark: string): Promise<void> {
    for (let empty = 0; empty < EMPTY_LOOKS; ) {
      await this.#step(20);
      const found = this.#world.machine.marked(mark).filter((each) => each.mark === mark);
      empty = found.length === 0 ? empty + 1 : 0;
      for (const process of found) this.#world.machine.kill(process);
    }
  }

  #promise(record: ClaimOrRefusal): Promise<void> {
    this.#table.applyProvisionally(record);
    const promise = this.#journal
      .append(record, 'claim')
      .then(() => this.#table.confirm(record.attemptId))
      .finally(() => this.#promises.delete(record.attemptId));
    this.#promises.set(record.attemptId, promise);
    return promise;
  }

  #save(record: JournalRecord): Promise<void> {
    this.#table.apply(record);
    return this.#journal.append(record);
  }

  #step(mostMs: number): Promise<void> {
    return this.#world.timeline.pause(this.#world.random.between(0, mostMs), this.life);
  }
}

function quiet<T>(): PromiseWithResolvers<T> {
  const deferred = Promise.withResolvers<T>();
  deferred.promise.catch(() => {});
  return deferred;
}
