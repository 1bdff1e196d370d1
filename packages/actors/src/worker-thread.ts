/**
 * A worker that is a thread of this process.
 */
import { threadId as driverThreadId, MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { entryFile } from './entry-file.ts';
import { ActorDeathCause } from './errors.ts';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { KillWords } from './kill-words.ts';
import { makeLinkEnds } from './links.ts';
import type { ObjectStore, StoreMemory } from './object-store.ts';
import { type PoolRole, PoolWorker, type WorkerOptions } from './pool-worker.ts';
import type { LinkEnd, PortLink } from './port-link.ts';
import { ControlClient, toEndpoint } from './thread-control.ts';
import type { Watching } from './watcher.ts';
import { type WorkerStart, workerStart } from './worker-start.ts';

/** What a thread is told at its start. */
export interface ThreadStart extends WorkerStart {
  readonly workerId: string;
  readonly role: PoolRole;
  readonly driver: LinkEnd;
  readonly control: MessagePort;
  readonly heartbeat: SharedArrayBuffer;
  readonly kills: SharedArrayBuffer;
  readonly store: StoreMemory;
  readonly watching: Watching;
  /** Ports for the thread's actors, by name (`threadPort`). */
  readonly ports: Readonly<Record<string, MessagePort>>;
}

export interface WorkerThreadOptions extends WorkerOptions {
  readonly role: PoolRole;
  readonly ports: Readonly<Record<string, MessagePort>>;
}

const ENTRY = entryFile('worker-main');

/** The thread of all supervisors runs no user code: a turn this long is a fault. */
const SYSTEM_BLOCKED_MS = 30_000;

export class WorkerThread extends PoolWorker {
  readonly threadId: number;
  readonly pid = process.pid;
  readonly isReachable = true;
  readonly link: PortLink;
  readonly control: ControlClient;
  readonly kills = new KillWords();
  protected readonly heartbeat: Heartbeat;
  readonly #worker: Worker;
  readonly #store: ObjectStore;

  constructor(options: WorkerThreadOptions) {
    const { workerId, role, core, clock, ports, resourceLimits } = options;
    super(options, role, role === 'system' ? SYSTEM_BLOCKED_MS : undefined);
    this.#store = options.store.forThread();
    const beat = new SharedBeat();
    this.heartbeat = new Heartbeat(clock, beat);
    const control = new MessageChannel();
    const ends = makeLinkEnds(driverThreadId, -1);
    const start: ThreadStart = {
      ...workerStart(options),
      workerId,
      role,
      driver: ends.there,
      control: control.port2,
      heartbeat: beat.buffer,
      kills: this.kills.buffer,
      store: this.#store.memory,
      watching: core.watching,
      ports,
    };
    this.#worker = new Worker(ENTRY, {
      workerData: start,
      transferList: [ends.there.port, control.port2, ...Object.values(ports)],
      ...(resourceLimits !== undefined && { resourceLimits }),
      name: `heddle ${role} ${workerId}`,
    });
    this.threadId = this.#worker.threadId;
    this.link = core.links.adopt({ ...ends.here, peer: this.threadId });
    this.control = new ControlClient(workerId, toEndpoint(control.port1));
    this.#worker.unref();
    this.#worker.on('error', (error) => this.diesOf(error));
    this.#worker.once('exit', (code) => {
      this.diesOf(new ActorDeathCause(`worker "${workerId}" ended with code ${code}`));
      this.exited();
    });
  }

  dismiss(cause: Error): Promise<void> {
    return this.terminate(cause);
  }

  protected kill(): Promise<number> {
    return this.#worker.terminate();
  }

  protected holdProgram(): void {
    this.#worker.ref();
  }

  protected leaving(): void {
    this.#store.close();
  }
}
