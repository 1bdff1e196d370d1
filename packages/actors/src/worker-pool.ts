import type { MessagePort, ResourceLimits } from 'node:worker_threads';
import type { Clock, IdSource } from '@heddle/base';
import { BlockedWatch } from './blocked-watch.ts';
import type { CoreWorker } from './core-worker.ts';
import { ActorDeathCause } from './errors.ts';
import type { Link } from './link.ts';
import type { ObjectStore } from './object-store.ts';
import type { ResolvedActorOptions } from './options.ts';
import type { Tracing } from './task-trace.ts';
import { type WorkerRole, WorkerThread } from './worker-thread.ts';

/** One worker as the state API shows it. */
export interface WorkerRow {
  readonly workerId: string;
  readonly threadId: number;
  readonly role: 'driver' | 'task' | WorkerRole;
  readonly isAlive: boolean;
  /** For how long its present turn has run, in milliseconds; 0 when it is asleep. */
  readonly busyMs: number;
  readonly actors: number;
}

interface PoolOptions {
  readonly runtimeId: string;
  readonly namespace: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly core: CoreWorker;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly onOver: (thread: WorkerThread) => void;
}

/** How many actors may have threads of their own: every listening port makes each round trip dearer. */
const ISOLATED_MAX = 64;

/**
 * The threads that actors live in: a fixed number of seats for user actors and one for the system's, each
 * started when first needed, and again after its thread has ended.
 */
export class WorkerPool implements Disposable {
  readonly #options: PoolOptions;
  readonly #seats: (WorkerThread | undefined)[];
  #system: WorkerThread | undefined;
  /** Ports for each system thread, made anew for each. */
  readonly #provided = new Map<string, () => MessagePort>();
  readonly #actors = new Map<WorkerThread, number>();
  /** Threads that belong to one actor. */
  readonly #alone = new Set<WorkerThread>();
  readonly #blocked: BlockedWatch;

  constructor(seats: number, options: PoolOptions) {
    this.#options = options;
    this.#blocked = new BlockedWatch(options.clock, () => this.threads);
    this.#seats = new Array<undefined>(Math.max(1, seats)).fill(undefined);
  }

  get threads(): WorkerThread[] {
    return [...this.#actors.keys()];
  }

  find(workerId: string): WorkerThread | undefined {
    return this.threads.find((thread) => thread.workerId === workerId);
  }

  withLink(link: Link): WorkerThread | undefined {
    return this.threads.find((thread) => thread.link === link);
  }

  actorsOn(thread: WorkerThread): number {
    return this.#actors.get(thread) ?? 0;
  }

  /**
   * A thread for one more actor: the system's, one of its own, or the one with the fewest.
   * @throws RangeError when too many have threads of their own.
   */
  place(options: ResolvedActorOptions): WorkerThread {
    const thread = this.#threadFor(options);
    thread.admit(options.maxBlockedMs);
    if (thread.maxBlockedMs !== undefined) this.#blocked.start(thread.maxBlockedMs);
    this.#actors.set(thread, this.actorsOn(thread) + 1);
    return thread;
  }

  /** An actor has left the thread; one that was its only one's own is not needed any more. */
  left(thread: WorkerThread): void {
    if (!this.#actors.has(thread)) return;
    this.#actors.set(thread, this.actorsOn(thread) - 1);
    if (this.#alone.has(thread))
      void thread.terminate(new ActorDeathCause('the actor that had this thread has left it'));
  }

  /** The thread is over: its seat is free. */
  remove(thread: WorkerThread): void {
    this.#actors.delete(thread);
    this.#alone.delete(thread);
    if (this.#system === thread) this.#system = undefined;
    const seat = this.#seats.indexOf(thread);
    if (seat !== -1) this.#seats[seat] = undefined;
  }

  /** Gives every system thread, the present one and all later ones, a port under this name. */
  async provideToSystemThread(name: string, make: () => MessagePort): Promise<void> {
    const present = this.#system;
    this.#provided.set(name, make);
    if (present?.isOpen) await present.control.provide(name, make()); // One that starts later starts with it.
  }

  [Symbol.dispose](): void {
    this.#blocked[Symbol.dispose]();
  }

  #threadFor(options: ResolvedActorOptions): WorkerThread {
    if (options.placement === 'system') return this.#systemThread();
    return options.isolation === 'thread' ? this.#threadOfItsOwn(options) : this.#leastLoaded();
  }

  #threadOfItsOwn(options: ResolvedActorOptions): WorkerThread {
    if (this.#alone.size >= ISOLATED_MAX)
      throw new RangeError(`Cannot give an actor a thread of its own: ${ISOLATED_MAX} actors have one, the limit`);
    const thread = this.#start('actor', {}, options.resourceLimits);
    this.#alone.add(thread);
    return thread;
  }

  #systemThread(): WorkerThread {
    if (this.#system?.isOpen) return this.#system;
    this.#system = this.#start('system', Object.fromEntries([...this.#provided].map(([name, make]) => [name, make()])));
    return this.#system;
  }

  #leastLoaded(): WorkerThread {
    let best = 0;
    for (let seat = 0; seat < this.#seats.length; seat++) {
      if (this.#loadOf(seat) < this.#loadOf(best)) best = seat;
    }
    const thread = this.#seats[best];
    if (thread?.isOpen) return thread;
    const started = this.#start('actor');
    this.#seats[best] = started;
    return started;
  }

  /** An empty seat is as good as a thread without actors. */
  #loadOf(seat: number): number {
    const thread = this.#seats[seat];
    return thread?.isOpen ? this.actorsOn(thread) : 0;
  }

  #start(
    role: WorkerRole,
    ports: Readonly<Record<string, MessagePort>> = {},
    resourceLimits?: ResourceLimits,
  ): WorkerThread {
    const { runtimeId, namespace, clock, ids, core, store, tracing, telemetry, onOver } = this.#options;
    const thread = new WorkerThread({
      runtimeId,
      namespace,
      clock,
      core,
      store,
      tracing,
      telemetry,
      onOver,
      role,
      ports,
      resourceLimits,
      workerId: ids.next('worker'),
    });
    this.#actors.set(thread, 0);
    return thread;
  }
}
