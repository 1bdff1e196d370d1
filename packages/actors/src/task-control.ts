/**
 * Tasks as the driver sees them: which threads want leases and get them, and the pool that runs them.
 */
import { type Clock, type IdSource, quote } from '@heddle/base';
import type { CoreWorker } from './core-worker.ts';
import { warnCannotFit } from './fit-warning.ts';
import { type LeaseOwner, Leases } from './leases.ts';
import type { Link } from './link.ts';
import type { ObjectStore } from './object-store.ts';
import { type Batch, type CellKey, Kind } from './protocol.ts';
import type { Resources } from './resource-ledger.ts';
import type { ResourceQueue } from './resource-queue.ts';
import type { SocketFolder } from './socket-folder.ts';
import { shapeKey } from './task-options.ts';
import { TaskPool, type TaskThread } from './task-pool.ts';
import type { ThreadNews } from './task-start.ts';
import type { Tracing } from './task-trace.ts';

export interface TaskControlParts {
  readonly core: CoreWorker;
  readonly runtimeId: string;
  readonly namespace: string;
  /** The driver's. */
  readonly threadId: number;
  /** How many threads may run tasks. */
  readonly workers: number;
  readonly idleTaskThreadMs: number;
  readonly resources: ResourceQueue;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly nextCell: () => CellKey;
  readonly folder: SocketFolder;
}

export class TaskControl {
  readonly pool: TaskPool;
  readonly #leases: Leases;
  readonly #owners = new Map<Link, LeaseOwner>();
  /** The driver's own tasks. */
  readonly #self: LeaseOwner;

  constructor(parts: TaskControlParts) {
    const { core, resources, clock, nextCell } = parts;
    this.pool = new TaskPool({
      ...parts,
      threads: parts.workers,
      driverThreadId: parts.threadId,
      idleMs: parts.idleTaskThreadMs,
    });
    this.#leases = new Leases({
      resources,
      pool: this.pool,
      clock,
      nextCell,
      cannotFit: (shape) => {
        const name = core.tasks.firstIn(shapeKey(shape)); // Of another thread's tasks only the shape is known here.
        const who = name === undefined ? 'A task' : `A task of function ${quote(name)}`;
        warnCannotFit(who, shape, resources.total, 'cancelled');
      },
    });
    this.#self = {
      isOpen: true,
      granted: (key, cell, threadId) => core.tasks.granted(key, cell, threadId),
      revoke: (cell) => core.tasks.revoke(cell),
    };
  }

  wantLeases(shape: Resources, count: number): void {
    this.#leases.want(this.#self, shape, count);
  }

  returnLease(cell: CellKey): void {
    this.#leases.back(cell);
  }

  /** Ends the thread of a lease, with all that runs in it. */
  endThread(cell: CellKey): void {
    const link = this.#leases.linkOf(cell);
    if (link !== undefined) void this.pool.terminate(link.peer);
  }

  /** Acts on what a worker tells of leases. Returns where the next entry stands. */
  receive(link: Link, batch: Batch, at: number): number {
    const cell = batch[at + 1] as CellKey;
    switch (batch[at]) {
      case Kind.LeaseWanted:
        this.#leases.want(this.#ownerAt(link), batch[at + 1] as Resources, batch[at + 2] as number);
        return at + 3;
      case Kind.LeaseUp:
        if (batch[at + 2] !== undefined) this.pool.joined(link, batch[at + 2] as ThreadNews);
        this.#leases.up(cell, link);
        return at + 3;
      case Kind.LeaseAway:
        this.#leases.away(cell, batch[at + 2] as boolean);
        return at + 3;
      case Kind.LeaseBack:
        this.returnLease(cell);
        return at + 2;
      default:
        this.endThread(cell);
        return at + 2;
    }
  }

  /** The pool thread that is over, if the link was one's. */
  linkClosed(link: Link): TaskThread | undefined {
    const thread = this.pool.linkClosed(link);
    const owner = this.#owners.get(link);
    this.#owners.delete(link);
    if (owner !== undefined) this.#leases.ownerGone(owner);
    return thread;
  }

  async close(): Promise<void> {
    this.#leases.close();
    await this.pool.close();
  }

  #ownerAt(link: Link): LeaseOwner {
    let owner = this.#owners.get(link);
    if (owner === undefined) {
      owner = new RemoteOwner(link);
      this.#owners.set(link, owner);
    }
    return owner;
  }
}

/** A worker thread that submits tasks. */
class RemoteOwner implements LeaseOwner {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  granted(key: string, cell: CellKey, threadId: number): void {
    this.#link.entry().push(Kind.Leased, key, cell, threadId);
  }

  revoke(cell: CellKey): void {
    if (this.#link.isOpen) this.#link.entry().push(Kind.LeaseRevoked, cell);
  }
}
