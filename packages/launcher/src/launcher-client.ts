/**
 * The daemon's end of the launcher: asks, and is told.
 *
 * Ending the connection ends nothing: launched jobs run on, stops go on, and the next client finds everything.
 * When the launcher dies, everything that waits for it rejects with `LauncherGoneError`; nothing is ever guessed.
 */
import { resolve } from 'node:path';
import {
  type Clock,
  checkInteger,
  checkString,
  createDeferred,
  type Logger,
  realClock,
  silentLogger,
} from '@heddle/base';
import type { AttemptReport, Containment, Exited, KillReport, LaunchRequest, Started } from './attempt.ts';
import { type Connection, connectOrStart } from './connecting.ts';
import { LauncherGoneError, toError } from './errors.ts';
import type { LauncherStatus } from './launcher-status.ts';
import type { MessageSocket } from './message-socket.ts';
import { OlderLauncher } from './older-launcher.ts';
import type { Answer, Kind, Reply, Says } from './protocol.ts';

export interface LauncherClientOptions {
  /** Where the launcher has its files; made if need be. One launcher lives in a directory. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** How long a launcher that this call starts stays when nothing runs and nobody is connected. Default: 5,000 ms. */
  readonly idleMs?: number;
}

export interface StopOptions {
  /** The name of the signal that asks the group to end, such as `SIGTERM`. */
  readonly signal: string;
  /** From that signal to SIGKILL, in ms. */
  readonly graceMs: number;
}

const DEFAULT_IDLE_MS = 5_000;

export class LauncherClient implements AsyncDisposable {
  /** The launcher's. */
  readonly pid: number;
  /** The protocol that both speak. */
  readonly protocol: number;
  /** What the launcher gives an attempt that asks for `auto`. */
  readonly containment: Containment;
  /** Resolves when the launcher is gone or the connection has ended. Never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: MessageSocket;
  readonly #pending: Pending;
  /** Launchers of other protocols: their attempts are told of as if they were this one's. */
  readonly #older: readonly OlderLauncher[];

  /**
   * Connects to the living launcher of the directory, or starts one.
   *
   * @throws LauncherStoppedError when it is suspended by SIGSTOP; LauncherUnresponsiveError when it does not answer
   * in 15 s; LauncherProtocolError when it is of a version with which this one has no protocol in common;
   * JournalDamagedError, JournalTooNewError, LauncherStartError when none can be started.
   */
  static async open(options: LauncherClientOptions): Promise<LauncherClient> {
    const { clock = realClock, logger = silentLogger, idleMs = DEFAULT_IDLE_MS } = options;
    checkString('open a launcher', 'directory', options.directory);
    checkInteger('open a launcher', 'idleMs', idleMs, { min: 0 });
    const directory = resolve(options.directory);
    const pending = new Pending();
    const older = OlderLauncher.find(directory, clock, logger);
    const connection = await connectOrStart({ directory, idleMs, clock }, pending);
    logger.debug({ launcherPid: connection.hello.pid, protocol: connection.protocol }, 'launcher connected');
    return new LauncherClient(connection, pending, older);
  }

  private constructor({ socket, hello, protocol }: Connection, pending: Pending, older: readonly OlderLauncher[]) {
    this.pid = hello.pid;
    this.protocol = protocol;
    this.containment = hello.containment ?? 'marker';
    this.closed = pending.ended;
    this.#socket = socket;
    this.#pending = pending;
    this.#older = older;
  }

  /**
   * Claims the attempt durably, writes the log's header, spawns. Resolves when that is written to the journal.
   * A repetition never spawns twice: it answers with what is known, even when the process has ended since.
   *
   * @throws LaunchRefusedError, SpawnFailedError, LauncherFullError; LauncherGoneError also when the attempt was
   * claimed by a launcher that has died.
   */
  async launch(request: LaunchRequest): Promise<Started> {
    const known = this.#ofOlder(request.attemptId);
    if (known !== undefined) return known.launcher.started(known.report);
    return this.#ask('launch', { request });
  }

  /** Makes a launch of this attempt impossible, unless it was claimed already. Tells what is true now, durably. */
  async refuse(attemptId: string, jobId: string): Promise<AttemptReport> {
    const known = this.#ofOlder(attemptId);
    if (known !== undefined) return known.report;
    return this.#ask('refuse', { attemptId, jobId });
  }

  /** What the launcher knows of the attempt; undefined: nothing. */
  async report(attemptId: string): Promise<AttemptReport | undefined> {
    return this.#ofOlder(attemptId)?.report ?? (await this.#ask('report', { attemptId })) ?? undefined;
  }

  /** All attempts that were not settled, in order of their claims. */
  async reports(): Promise<AttemptReport[]> {
    const ours = await this.#ask('reports', {});
    return [...this.#older.flatMap((older) => older.reports()), ...ours];
  }

  /**
   * Resolves when the attempt's leader has ended, or at once when it has.
   *
   * @throws LaunchRefusedError, SpawnFailedError when it never ran; LauncherGoneError when nobody can know;
   * AttemptUnknownError
   */
  exited(attemptId: string): Promise<Exited> {
    const known = this.#ofOlder(attemptId);
    if (known !== undefined) return known.launcher.exited(known.report);
    return this.#ask('await-exit', { attemptId });
  }

  /**
   * Ends the attempt's whole tree: the signal to its group, the grace, SIGKILL to everything that is left, until
   * two looks find nothing or 10 s are over (then `survivors` says who). Goes on if this client goes away; a second
   * call joins the first. The leader's end is known when this resolves, unless it is among the survivors.
   * What is left of an attempt that is over, or whose launcher died, is killed at once.
   *
   * @throws AttemptUnknownError, LauncherFailedError for a signal that does not exist, LauncherGoneError
   */
  async stop(attemptId: string, { signal, graceMs }: StopOptions): Promise<KillReport> {
    checkInteger('stop an attempt', 'graceMs', graceMs, { min: 0 });
    const known = this.#ofOlder(attemptId);
    if (known !== undefined) return known.launcher.stop(known.report, { signal: signal as NodeJS.Signals, graceMs });
    return this.#ask('stop', { attemptId, signal, graceMs });
  }

  /** The daemon has these attempts' outcomes durable: they may be forgotten. One that still runs is kept. */
  async settle(attemptIds: readonly string[]): Promise<void> {
    for (const older of this.#older) older.settle(attemptIds);
    await this.#ask('settle', { attemptIds });
  }

  /** How the launcher fares: counters, journal, memory. */
  status(): Promise<LauncherStatus> {
    return this.#ask('status', {});
  }

  /** Ends the connection, and nothing else. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const older of this.#older) older[Symbol.dispose]();
    this.#socket.destroy();
    await this.closed;
  }

  #ofOlder(attemptId: string): { readonly launcher: OlderLauncher; readonly report: AttemptReport } | undefined {
    for (const launcher of this.#older) {
      const report = launcher.report(attemptId);
      if (report !== undefined) return { launcher, report };
    }
    return undefined;
  }

  #ask<K extends Kind>(kind: K, says: Says<K>): Promise<Answer<K>> {
    const { id, promise } = this.#pending.add(kind, this.pid);
    if (id !== undefined) this.#socket.send({ id, kind, ...says });
    return promise as Promise<Answer<K>>;
  }
}

/** Thousands wait for the ends of jobs. */
interface Waiting {
  readonly kind: Kind;
  readonly pid: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** Requests that wait for their answers. Each is answered exactly once: by a reply or by the connection's end. */
class Pending {
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended = createDeferred();
  #isClosed = false;
  #made = 0;

  /** Resolves when the connection has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Without an id, the promise has rejected already: nobody is there to ask. */
  add(kind: Kind, pid: number): { readonly id: number | undefined; readonly promise: Promise<unknown> } {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#isClosed) {
      reject(gone(kind, pid));
      return { id: undefined, promise };
    }
    const id = ++this.#made;
    this.#waiting.set(id, { kind, pid, resolve, reject });
    return { id, promise };
  }

  received(message: unknown): void {
    const answer = message as Reply;
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting.reject(toError(answer.failure));
    else waiting.resolve(answer.value);
  }

  /** Those who asked learn it before those who only watch the connection. */
  closed(): void {
    this.#isClosed = true;
    for (const { kind, pid, reject } of this.#waiting.values()) reject(gone(kind, pid));
    this.#waiting.clear();
    this.#ended.resolve();
  }
}

const gone = (kind: Kind, pid: number): LauncherGoneError =>
  new LauncherGoneError(`Cannot finish "${kind}": launcher ${pid} is gone or the connection to it has ended`, { pid });
