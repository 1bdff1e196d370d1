/**
 * A machine without processes: a launcher that spawns nothing, and the marks that would be alive. Tests say what
 * happens on it; it keeps the ledger of what it was asked.
 */
import { createDeferred, type Deferred } from '@heddle/base';
import {
  type AttemptReport,
  type Exited,
  type KillReport,
  LauncherGoneError,
  LaunchRefusedError,
  type LaunchRequest,
  SpawnFailedError,
  type Started,
} from '@heddle/launcher';
import type { AttemptLauncher, MarkedProcesses } from '../machine.ts';
import { started } from './records.ts';

interface Attempt {
  report: AttemptReport;
  readonly exited: Deferred<Exited>;
}

export class FakeMachine implements AttemptLauncher {
  /** What was done, in order: `launch attempt_1`, `stop attempt_1 SIGTERM 3000`, `kill mark`, … */
  readonly ledger: string[] = [];
  /** How many processes live under each mark. */
  readonly marks = new Map<string, number>();
  /** Why spawns fail. */
  spawnFailure: string | undefined;
  /** While set, a launch stays claimed. */
  claims: Deferred<void> | undefined;
  readonly #attempts = new Map<string, Attempt>();
  #gone = createDeferred<never>();

  readonly processes: MarkedProcesses = {
    count: async (mark) => this.marks.get(mark) ?? 0,
    kill: async (mark) => {
      this.ledger.push(`kill ${mark}`);
      this.marks.delete(mark);
      return { signals: [], survivors: [] };
    },
  };

  constructor() {
    this.#gone.promise.catch(() => {});
  }

  async launch(request: LaunchRequest): Promise<Started> {
    const { attemptId, jobId } = request;
    this.#attempts.get(attemptId) ?? this.#put({ attemptId, jobId, phase: 'claimed' });
    if (this.claims !== undefined) await this.#unlessGone(this.claims.promise);
    const attempt = this.#attempts.get(attemptId)!;
    if (attempt.report.phase === 'refused') throw new LaunchRefusedError(attemptId);
    if (attempt.report.phase === 'claimed') this.#spawn(attempt, request);
    if (attempt.report.failure !== undefined) throw new SpawnFailedError(attemptId, attempt.report.failure);
    return attempt.report.started!;
  }

  async refuse(attemptId: string, jobId: string): Promise<AttemptReport> {
    this.ledger.push(`refuse ${attemptId}`);
    const attempt = this.#attempts.get(attemptId) ?? this.#put({ attemptId, jobId, phase: 'refused' });
    return attempt.report;
  }

  async report(attemptId: string): Promise<AttemptReport | undefined> {
    return this.#attempts.get(attemptId)?.report;
  }

  exited(attemptId: string): Promise<Exited> {
    return this.#unlessGone(this.#attempts.get(attemptId)!.exited.promise);
  }

  async stop(attemptId: string, options: { signal: string; graceMs: number }): Promise<KillReport> {
    this.ledger.push(`stop ${attemptId} ${options.signal} ${options.graceMs}`);
    return { signals: [{ pid: 4711, signal: options.signal }], survivors: [] };
  }

  isClaimed(attemptId: string): boolean {
    return this.#attempts.get(attemptId)?.report.phase === 'claimed';
  }

  /** The process ends by itself. */
  end(attemptId: string, exited: Exited): void {
    const attempt = this.#attempts.get(attemptId)!;
    attempt.report = { ...attempt.report, phase: 'exited', exited };
    attempt.exited.resolve(exited);
  }

  /** The launcher is killed; the next one finds its journal. */
  killLauncher(): void {
    const gone = this.#gone;
    this.#gone = createDeferred<never>();
    this.#gone.promise.catch(() => {});
    for (const attempt of this.#attempts.values())
      if (attempt.report.phase === 'started' || attempt.report.phase === 'claimed')
        attempt.report = { ...attempt.report, isOrphaned: true };
    gone.reject(new LauncherGoneError('it was killed'));
  }

  #unlessGone<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#gone.promise]);
  }

  #spawn(attempt: Attempt, request: LaunchRequest): void {
    if (this.spawnFailure !== undefined) {
      attempt.report = { ...attempt.report, phase: 'failed', failure: this.spawnFailure };
      return;
    }
    this.ledger.push(`launch ${request.attemptId}`);
    attempt.report = { ...attempt.report, phase: 'started', started: started() };
  }

  #put(report: AttemptReport): Attempt {
    const attempt = { report, exited: createDeferred<Exited>() };
    this.#attempts.set(report.attemptId, attempt);
    return attempt;
  }
}
