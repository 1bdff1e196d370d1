/**
 * A worker thread as the driver sees it: started, talked to over a link and a control port, and over when its
 * link has closed and its exit was seen. Both are waited for: the link says that nothing more arrives, the exit
 * says why.
 */
import {
  threadId as driverThreadId,
  MessageChannel,
  type MessagePort,
  type ResourceLimits,
  Worker,
} from 'node:worker_threads';
import { type Clock, createDeferred } from '@heddle/base';
import type { ActorTemplate } from './actor-record.ts';
import type { CoreWorker } from './core-worker.ts';
import { ActorDeathCause } from './errors.ts';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { presentJobId } from './job-id.ts';
import { KillWords } from './kill-words.ts';
import { makeLinkEnds } from './links.ts';
import type { ObjectStore, StoreMemory } from './object-store.ts';
import type { PoolWorker, WorkerRole } from './pool-worker.ts';
import type { LinkEnd, PortLink } from './port-link.ts';
import type { CellKey } from './protocol.ts';
import type { Tracing } from './task-trace.ts';
import { ControlClient, toEndpoint } from './thread-control.ts';
import type { Watching } from './watcher.ts';

/** What a worker is told at its start. */
export interface WorkerStart {
  readonly runtimeId: string;
  readonly workerId: string;
  readonly role: WorkerRole;
  readonly namespace: string;
  readonly jobId: string | undefined;
  readonly driver: LinkEnd;
  readonly control: MessagePort;
  readonly heartbeat: SharedArrayBuffer;
  /** Where the runtime's processes listen. */
  readonly folder: string;
  readonly kills: SharedArrayBuffer;
  readonly store: StoreMemory;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly watching: Watching;
  /** Ports for the thread's actors, by name (`threadPort`). */
  readonly ports: Readonly<Record<string, MessagePort>>;
}

export interface WorkerThreadOptions {
  readonly runtimeId: string;
  readonly workerId: string;
  readonly role: WorkerRole;
  readonly namespace: string;
  readonly clock: Clock;
  readonly core: CoreWorker;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly ports: Readonly<Record<string, MessagePort>>;
  readonly resourceLimits?: ResourceLimits | undefined;
  readonly folder: string;
  /** Called once, when nothing more comes from the thread. */
  readonly onOver: (thread: PoolWorker) => void;
}

/** The source tree runs as it is; a build has the same file in JavaScript beside this one. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js', import.meta.url);

/** The thread of all supervisors runs no user code: a turn this long is a fault. */
const SYSTEM_BLOCKED_MS = 30_000;

export class WorkerThread implements PoolWorker {
  readonly workerId: string;
  readonly role: WorkerRole;
  readonly threadId: number;
  readonly pid = process.pid;
  readonly isReachable = true;
  readonly link: PortLink;
  readonly control: ControlClient;
  readonly kills = new KillWords();
  latestTemplate: ActorTemplate | undefined;
  readonly #worker: Worker;
  readonly #heartbeat: Heartbeat;
  readonly #store: ObjectStore;
  readonly #onOver: (thread: PoolWorker) => void;
  #cause: unknown;
  #isEnding = false;
  #hasExited = false;
  #isOver = false;
  readonly #over = createDeferred();
  #maxBlockedMs: number | undefined;

  constructor(options: WorkerThreadOptions) {
    this.workerId = options.workerId;
    this.role = options.role;
    this.#onOver = options.onOver;
    this.#maxBlockedMs = options.role === 'system' ? SYSTEM_BLOCKED_MS : undefined;
    this.#store = options.store.forThread();
    const beat = new SharedBeat();
    this.#heartbeat = new Heartbeat(options.clock, beat);
    const control = new MessageChannel();
    const ends = makeLinkEnds(driverThreadId, -1);
    const start: WorkerStart = {
      runtimeId: options.runtimeId,
      workerId: options.workerId,
      role: options.role,
      namespace: options.namespace,
      jobId: presentJobId(),
      driver: ends.there,
      control: control.port2,
      heartbeat: beat.buffer,
      folder: options.folder,
      kills: this.kills.buffer,
      store: this.#store.memory,
      tracing: options.tracing,
      telemetry: options.telemetry,
      watching: options.core.watching,
      ports: options.ports,
    };
    this.#worker = new Worker(ENTRY, {
      workerData: start,
      transferList: [ends.there.port, control.port2, ...Object.values(options.ports)],
      ...(options.resourceLimits !== undefined && { resourceLimits: options.resourceLimits }),
      name: `heddle ${options.role} ${options.workerId}`,
    });
    this.threadId = this.#worker.threadId;
    this.link = options.core.links.adopt({ ...ends.here, peer: this.threadId });
    this.control = new ControlClient(options.workerId, toEndpoint(control.port1));
    this.#worker.unref();
    this.#worker.on('error', (error) => {
      this.#cause ??= error;
    });
    this.#worker.once('exit', (code) => {
      this.#cause ??= new ActorDeathCause(`worker "${options.workerId}" ended with code ${code}`);
      this.#hasExited = true;
      this.control.exited();
      this.#checkOver();
    });
  }

  /** Why the thread ended: what it threw, or its exit. */
  get cause(): unknown {
    return this.#cause;
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  /** Whether an actor may still be sent here: a thread that is ending would take it along. */
  get isOpen(): boolean {
    return !this.#hasExited && !this.#isEnding && this.link.isOpen;
  }

  /** For how long its present turn has run; 0 when it is asleep. */
  get busyMs(): number {
    return this.#heartbeat.busyMs();
  }

  /** The constructor that runs there now, and for how long. */
  get constructing(): { readonly cell: CellKey; readonly forMs: number } | undefined {
    return this.#heartbeat.constructing;
  }

  get maxBlockedMs(): number | undefined {
    return this.#maxBlockedMs;
  }

  /** An actor comes to live here that bounds its turns; the strictest bound counts for the thread. */
  admit(maxBlockedMs: number | undefined): void {
    if (maxBlockedMs !== undefined) this.#maxBlockedMs = Math.min(maxBlockedMs, this.#maxBlockedMs ?? maxBlockedMs);
  }

  blocked(busyMs: number): void {
    void this.terminate(new ActorDeathCause(`worker "${this.workerId}" did not turn for ${busyMs} ms`));
  }

  /** The link to this thread has closed: all that it sent has been taken. */
  linkClosed(): void {
    this.#checkOver();
  }

  /** Ends the thread at once, as a crash would; `cause` is what its actors die of. Resolves when it is over. */
  async terminate(cause: Error): Promise<void> {
    this.#cause ??= cause;
    this.#isEnding = true;
    this.#worker.ref(); // Whoever waits for the end must not run out of events before it.
    if (this.link.isOpen) this.link.ref();
    await this.#worker.terminate();
    await this.#over.promise;
  }

  dismiss(cause: Error): Promise<void> {
    return this.terminate(cause);
  }

  #checkOver(): void {
    if (this.#isOver || !this.#hasExited || this.link.isOpen) return;
    this.#isOver = true;
    this.#store.close();
    this.#onOver(this);
    this.#over.resolve();
  }
}
