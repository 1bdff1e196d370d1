/**
 * The threads that run tasks, kept by Piscina. A Piscina task is a lease: it lasts from the moment a thread is ready
 * for the lease's tasks, which come over links, until the lease is over; in a thread that others need it lasts on,
 * without resources, so that Piscina does not end the thread.
 *
 * Piscina is told not to wait with `Atomics`: a thread must turn to serve its links. It is given no `AbortSignal`:
 * that would make a thread exclusive.
 */
import { createDeferred, type IdSource, realClock } from '@heddle/base';
import type { Piscina } from 'piscina';
import type { CoreWorker } from './core-worker.ts';
import { entryFile } from './entry-file.ts';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import type { Link } from './link.ts';
import { ObjectStore } from './object-store.ts';
import { type CellKey, Kind } from './protocol.ts';
import type { SocketFolder } from './socket-folder.ts';
import type { TaskWorkerStart, ThreadNews } from './task-start.ts';
import type { Tracing } from './task-trace.ts';
import { workerStart } from './worker-start.ts';

const ENTRY = entryFile('task-worker');

/** So many leases may share one thread: most of them wait for refs. */
const LEASES_PER_THREAD = 100_000;

/** A pool thread as the driver sees it. */
export interface TaskThread {
  readonly workerId: string;
  readonly threadId: number;
  readonly link: Link;
  readonly heartbeat: Heartbeat;
  readonly store: ObjectStore;
}

export interface TaskPoolOptions {
  readonly runtimeId: string;
  readonly namespace: string;
  readonly driverThreadId: number;
  readonly threads: number;
  /** A thread that no lease has used for so long is ended. */
  readonly idleMs: number;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly ids: IdSource;
  readonly core: CoreWorker;
  readonly folder: SocketFolder;
}

export class TaskPool {
  readonly #options: TaskPoolOptions;
  readonly #threads = new Map<number, TaskThread>();
  #piscina: Piscina | undefined;
  #starting: Promise<Piscina> | undefined;
  #whenEmpty: (() => void) | undefined;
  #isOpen = true;

  constructor(options: TaskPoolOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get threads(): TaskThread[] {
    return [...this.#threads.values()];
  }

  find(workerId: string): TaskThread | undefined {
    return this.threads.find((thread) => thread.workerId === workerId);
  }

  /** Finds a thread for the lease. Resolves when it is over; rejects when its thread is gone. */
  async lease(cell: CellKey): Promise<void> {
    if (!this.#isOpen) throw new Error('the pool is closed');
    this.#piscina ??= await (this.#starting ??= this.#start());
    if (!this.#isOpen) throw new Error('the pool is closed');
    await this.#piscina.run({ cell, workerId: this.#options.ids.next('worker') });
  }

  /** The lease is not needed any more: its Piscina task may end. */
  end(cell: CellKey, link: Link): void {
    if (link.isOpen) link.entry().push(Kind.LeaseEnd, cell);
  }

  /** A thread has spoken for the first time. */
  joined(link: Link, news: ThreadNews): void {
    this.#threads.set(link.peer, {
      workerId: news.workerId,
      threadId: link.peer,
      link,
      heartbeat: new Heartbeat(realClock, new SharedBeat(news.heartbeat)),
      store: new ObjectStore(news.store),
    });
  }

  /** A link has closed; if it was a pool thread's, the thread is over. */
  linkClosed(link: Link): TaskThread | undefined {
    const thread = this.#threads.get(link.peer);
    if (thread?.link !== link) return undefined;
    this.#threads.delete(link.peer);
    if (this.#threads.size === 0) this.#whenEmpty?.();
    thread.store.close();
    return thread;
  }

  /** Ends a thread at once, as a crash would. */
  async terminate(threadId: number): Promise<void> {
    await this.#piscina?.threads.find((worker) => worker.threadId === threadId)?.terminate();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    const pool = this.#piscina ?? (await this.#starting);
    await pool?.destroy();
    if (this.#threads.size === 0) return;
    const empty = createDeferred();
    this.#whenEmpty = empty.resolve;
    await empty.promise; // What they sent is taken first.
  }

  /** Loaded with the first task: many programs have none. */
  async #start(): Promise<Piscina> {
    const { Piscina } = await import('piscina');
    const { driverThreadId, threads, idleMs, store, core } = this.#options;
    const workerData: TaskWorkerStart = {
      ...workerStart(this.#options),
      driverThreadId,
      storeTotal: store.memory.total,
      watching: core.watching,
      idleMs,
    };
    const pool = new Piscina({
      filename: ENTRY.href,
      minThreads: 0,
      maxThreads: Math.max(1, threads),
      idleTimeout: idleMs,
      concurrentTasksPerWorker: LEASES_PER_THREAD,
      atomics: 'disabled',
      recordTiming: false,
      workerData,
      // One lease for each thread before a second for any.
      loadBalancer: (_task, workers) => {
        const [first, ...rest] = workers;
        if (first === undefined) return null;
        const idlest = rest.reduce((best, each) => (each.currentUsage < best.currentUsage ? each : best), first);
        return idlest.currentUsage > 0 && workers.length < threads ? null : idlest;
      },
    });
    pool.on('error', () => {}); // A thread that died without a lease: its link tells.
    // A lease that waits for a thread which died at its start would wait for ever.
    pool.on('workerDestroy', () => {
      if (this.#isOpen && pool.queueSize > 0) queueMicrotask(() => this.#prod(pool));
    });
    return pool;
  }

  #prod(pool: Piscina): void {
    if (this.#isOpen) pool.run({ cell: -1, workerId: '' }).catch(() => {});
  }
}
