/**
 * A worker that hosts actors, as the pool and the driver see it: started, talked to over a link and control calls, and
 * over when its link has closed and its exit was seen. Both are waited for: the link says that nothing more arrives,
 * the exit says why.
 *
 * What carries it, a thread (`WorkerThread`) or a process (`WorkerProcess`), knows how it is started and ended.
 */
import type { ResourceLimits } from 'node:worker_threads';
import { type Clock, createDeferred, type WorkerRole } from '@heddle/base';
import type { ActorSeat, ActorTemplate } from './actor-record.ts';
import type { Watched } from './blocked-watch.ts';
import type { CoreWorker } from './core-worker.ts';
import { ActorDeathCause } from './errors.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { ObjectStore } from './object-store.ts';
import type { PortLink } from './port-link.ts';
import type { CellKey } from './protocol.ts';
import type { SocketFolder } from './socket-folder.ts';
import type { SocketLink } from './socket-link.ts';
import type { Tracing } from './task-trace.ts';
import type { ControlClient } from './thread-control.ts';

/** What a worker of the pool is for. */
export type PoolRole = Extract<WorkerRole, 'actor' | 'system'>;

/** What all workers of a pool are made with. */
export interface HostingOptions {
  readonly runtimeId: string;
  readonly namespace: string;
  readonly clock: Clock;
  readonly core: CoreWorker;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly folder: SocketFolder;
  /** Called once, when nothing more comes from the worker. */
  readonly onOver: (worker: PoolWorker) => void;
}

/** What one worker is made with, whatever carries it. */
export interface WorkerOptions extends HostingOptions {
  readonly workerId: string;
  readonly resourceLimits: ResourceLimits | undefined;
}

export abstract class PoolWorker implements ActorSeat, Watched {
  readonly workerId: string;
  readonly role: PoolRole;
  abstract readonly threadId: number;
  abstract readonly pid: number;
  abstract readonly isReachable: boolean;
  abstract readonly link: PortLink | SocketLink;
  abstract readonly control: ControlClient;
  abstract readonly kills: { kill(cell: CellKey): void };
  latestTemplate: ActorTemplate | undefined;
  /** How many actors live here, or were sent here to be made. The pool counts them. */
  actors = 0;
  protected abstract readonly heartbeat: Heartbeat;
  readonly #onOver: (worker: PoolWorker) => void;
  readonly #over = createDeferred();
  #cause: unknown;
  #maxBlockedMs: number | undefined;
  #isEnding = false;
  #hasExited = false;
  #isOver = false;

  constructor({ workerId, onOver }: WorkerOptions, role: PoolRole, maxBlockedMs?: number) {
    this.workerId = workerId;
    this.role = role;
    this.#onOver = onOver;
    this.#maxBlockedMs = maxBlockedMs;
  }

  /** Why it ended: what it threw, or its exit. */
  get cause(): unknown {
    return this.#cause;
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  /** Whether an actor may still be sent here: one that is ending would take it along. */
  get isOpen(): boolean {
    return !this.#hasExited && !this.#isEnding && this.link.isOpen;
  }

  get busyMs(): number {
    return this.#hasExited ? 0 : this.heartbeat.busyMs();
  }

  get constructing(): { readonly cell: CellKey; readonly forMs: number } | undefined {
    return this.#hasExited ? undefined : this.heartbeat.constructing;
  }

  get maxBlockedMs(): number | undefined {
    return this.#maxBlockedMs;
  }

  /** An actor comes to live here that bounds its turns; the strictest bound counts. */
  admit(maxBlockedMs: number | undefined): void {
    if (maxBlockedMs === undefined) return;
    this.#maxBlockedMs = Math.min(maxBlockedMs, this.#maxBlockedMs ?? maxBlockedMs);
    this.heartbeat.bounds();
  }

  blocked(busyMs: number): void {
    void this.terminate(new ActorDeathCause(`worker "${this.workerId}" did not turn for ${busyMs} ms`));
  }

  /** Its link has closed: all that it sent has been taken. */
  linkClosed(): void {
    this.#checkOver();
  }

  /** Ends it at once, as a crash would; `cause` is what its actors die of. Resolves when it is over. */
  async terminate(cause: Error): Promise<void> {
    this.beginEnding(cause);
    this.holdProgram(); // Whoever waits for the end must not run out of events before it.
    if (this.link.isOpen) this.link.ref();
    await this.kill();
    await this.over;
  }

  /** Its only actor has left: it is not needed any more. What it has sent arrives. */
  abstract dismiss(cause: Error): Promise<void>;

  /** Ends what carries it, at once. */
  protected abstract kill(): Promise<unknown> | unknown;
  /** Has the program go on until what carries it has ended. */
  protected abstract holdProgram(): void;
  /** Called once, when it is over and before anybody is told: the last chance to say why, and to let go of things. */
  protected abstract leaving(): void;

  /** Resolves when it is over. */
  protected get over(): Promise<void> {
    return this.#over.promise;
  }

  protected beginEnding(cause: Error): void {
    this.diesOf(cause);
    this.#isEnding = true;
  }

  /** The first reason is the true one. */
  protected diesOf(cause: unknown): void {
    this.#cause ??= cause;
  }

  /** What carries it has ended. */
  protected exited(): void {
    this.#hasExited = true;
    this.control.exited();
    this.#checkOver();
  }

  #checkOver(): void {
    if (this.#isOver || !this.#hasExited || this.link.isOpen) return;
    this.#isOver = true;
    this.leaving();
    this.#onOver(this);
    this.#over.resolve();
  }
}
