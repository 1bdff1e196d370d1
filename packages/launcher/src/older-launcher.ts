/**
 * A launcher of another protocol that still has jobs, in a folder of its own beside ours: `v0/` beside `v1/`.
 *
 * It cannot be spoken to, and need not be. Its journal, whose records are only ever added to, says what it has
 * started and how that ended; it goes on writing it, and ends by itself when its jobs have. So its attempts are
 * known here as if they were ours: adopted, awaited, stopped. What was in it is forgotten when the launcher is gone
 * and everything that it knew is settled.
 *
 * It alone may signal the groups of its jobs, being their parent. Stopping one from here signals single processes,
 * each verified just before.
 */
import { existsSync, type FSWatcher, readdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { type Clock, createQuietDeferred, type Deferred, type Logger, type Timer } from '@heddle/base';
import { type AttemptReport, type Exited, type KillReport, NOTHING_KILLED, type Started } from './attempt.ts';
import type { StopOrder } from './attempt-stop.ts';
import { AttemptTable } from './attempt-table.ts';
import { JournalTooNewError, LauncherGoneError, LaunchRefusedError, SpawnFailedError } from './errors.ts';
import { Failure } from './failure.ts';
import { readLockHolder } from './held-lock.ts';
import { JobTree } from './job-tree.ts';
import { readJournal } from './journal.ts';
import { killUntilGone, SignalList, signalVerified } from './killing.ts';
import { type LauncherHome, launcherHome } from './launcher-home.ts';
import { pause } from './node-clock.ts';
import { lookAtProcesses } from './process-table.ts';
import { PROTOCOL } from './protocol.ts';

/** Its journal is read again so often at least, should no notification come. */
const LOOK_MS = 1000;
const GRACE_LOOK_MS = 50;

export class OlderLauncher implements Disposable {
  readonly protocol: number;
  readonly #home: LauncherHome;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, Deferred<Exited>>();
  readonly #stops = new Map<string, Promise<KillReport>>();
  readonly #settled = new Set<string>();
  #table = new AttemptTable();
  #pid: number | undefined;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;

  /** All launchers of other protocols of which the directory has a journal. @throws JournalTooNewError */
  static find(directory: string, clock: Clock, logger: Logger): OlderLauncher[] {
    const found = foldersIn(directory).map((protocol) => new OlderLauncher(directory, protocol, clock, logger));
    for (const older of found) older.#begin();
    return found.filter((older) => !older.#endIfOver());
  }

  private constructor(directory: string, protocol: number, clock: Clock, logger: Logger) {
    this.protocol = protocol;
    this.#home = launcherHome(directory, protocol);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Undefined when it has ended. */
  get pid(): number | undefined {
    return this.#pid;
  }

  reports(): AttemptReport[] {
    return this.#table.all().filter(({ attemptId }) => !this.#settled.has(attemptId));
  }

  report(attemptId: string): AttemptReport | undefined {
    return this.#settled.has(attemptId) ? undefined : this.#table.get(attemptId);
  }

  /** What a repeated launch answers: nothing is spawned twice, whichever launcher spawned it. */
  started(known: AttemptReport): Started {
    if (known.started !== undefined) return known.started;
    if (known.phase === 'refused') throw new LaunchRefusedError(known.attemptId);
    if (known.phase === 'failed') throw new SpawnFailedError(known.attemptId, known.failure ?? '');
    throw this.#gone(known.attemptId);
  }

  /** Resolves when its journal says how the attempt ended. Rejects when the launcher has died and it does not. */
  exited(known: AttemptReport): Promise<Exited> {
    if (known.exited !== undefined) return Promise.resolve(known.exited);
    if (known.isOrphaned || this.#pid === undefined) return Promise.reject(this.#gone(known.attemptId));
    const waiting = this.#waiting.get(known.attemptId) ?? createQuietDeferred<Exited>();
    this.#waiting.set(known.attemptId, waiting);
    return waiting.promise;
  }

  stop(known: AttemptReport, order: StopOrder): Promise<KillReport> {
    const underWay = this.#stops.get(known.attemptId);
    if (underWay !== undefined) return underWay;
    const stopping = this.#stop(known, order).finally(() => this.#stops.delete(known.attemptId));
    this.#stops.set(known.attemptId, stopping);
    return stopping;
  }

  /** These are durable elsewhere. */
  settle(attemptIds: readonly string[]): void {
    for (const attemptId of attemptIds)
      if (this.#table.get(attemptId) !== undefined && !this.#waiting.has(attemptId)) this.#settled.add(attemptId);
    this.#endIfOver();
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#timer?.cancel();
    for (const [attemptId, waiting] of this.#waiting) waiting.reject(this.#gone(attemptId));
    this.#waiting.clear();
  }

  #begin(): void {
    this.#look();
    if (this.#pid === undefined) return;
    const fields = { launcherPid: this.#pid, protocol: this.protocol, attempts: this.#table.size };
    this.#logger.warn(
      fields,
      'a launcher of another version goes on with its jobs; their ends are read in its journal',
    );
    this.#timer = this.#clock.every(LOOK_MS, () => this.#look(), { background: true });
    try {
      this.#watcher = watch(this.#home.directory, { persistent: false }, () => this.#look());
      this.#watcher.on('error', () => {}); // The folder is gone, or no watch is left: the timer looks.
    } catch {
      // Likewise.
    }
  }

  /** Reads what the journal says now, and tells who waits for it. */
  #look(): void {
    const pid = readLockHolder(this.#home.lock); // Before the journal: what a launcher that has ended said is then read.
    const records = this.#read();
    if (records !== undefined) {
      this.#table = pid === undefined ? AttemptTable.fromDead(records) : AttemptTable.fromLiving(records);
    }
    this.#pid = pid;
    for (const [attemptId, waiting] of this.#waiting) this.#tell(attemptId, waiting);
    this.#endIfOver();
  }

  #tell(attemptId: string, waiting: Deferred<Exited>): void {
    const exited = this.#table.get(attemptId)?.exited;
    if (exited === undefined && this.#pid !== undefined) return;
    this.#waiting.delete(attemptId);
    if (exited === undefined) waiting.reject(this.#gone(attemptId));
    else waiting.resolve(exited);
  }

  /** Undefined: not to be read now; a record may be just being written. */
  #read(): ReturnType<typeof readJournal>['records'] | undefined {
    try {
      return readJournal(this.#home.journal).records;
    } catch (error) {
      if (error instanceof Failure && error.code === 'JOURNAL_TOO_NEW')
        throw new JournalTooNewError(error.message, error.details);
      this.#logger.error({ err: error, protocol: this.protocol }, 'cannot read the journal of an older launcher');
      return undefined;
    }
  }

  /** True when there is nothing left to know. */
  #endIfOver(): boolean {
    if (this.#pid !== undefined || this.reports().length > 0) return false;
    this[Symbol.dispose]();
    rmSync(this.#home.directory, { recursive: true, force: true });
    return true;
  }

  async #stop(known: AttemptReport, order: StopOrder): Promise<KillReport> {
    const { attemptId, started } = known;
    const marker = this.#table.markerOf(attemptId);
    if (started === undefined || marker === undefined) return NOTHING_KILLED;
    const signals = new SignalList();
    const tree = new JobTree(marker, started);
    const deadlineMs = this.#clock.monotonicMs() + order.graceMs;
    for (const facts of tree.select(await lookAtProcesses())) signalVerified(facts, order.signal, signals);
    while (tree.select(await lookAtProcesses()).length > 0 && this.#clock.monotonicMs() < deadlineMs)
      await pause(this.#clock, GRACE_LOOK_MS);
    const survivors = await killUntilGone(tree, lookAtProcesses, signals, this.#clock);
    if (survivors.length === 0) await this.exited(this.#table.get(attemptId) ?? known).catch(() => {});
    return signals.toReport(survivors);
  }

  #gone(attemptId: string): LauncherGoneError {
    const fact = `the launcher of protocol ${this.protocol} that claimed it has died, or is no longer watched`;
    return new LauncherGoneError(`Cannot learn the end of attempt "${attemptId}": ${fact}`, { attemptId });
  }
}

/** The protocols, other than ours, that have left a journal here. */
function foldersIn(directory: string): number[] {
  return listNames(directory)
    .map((name) => Number(/^v(\d{1,6})$/.exec(name)?.[1] ?? Number.NaN))
    .filter((protocol) => protocol >= 0 && protocol !== PROTOCOL)
    .filter((protocol) => existsSync(join(directory, `v${protocol}`, 'journal')));
}

/** Why a directory cannot be read, whoever tries to start a launcher in it is told. */
function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
