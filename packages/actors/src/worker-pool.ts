import type { MessagePort, ResourceLimits } from 'node:worker_threads';
import type { IdSource } from '@heddle/base';
import { BlockedWatch } from './blocked-watch.ts';
import { ActorDeathCause } from './errors.ts';
import type { Link } from './link.ts';
import type { ResolvedActorOptions } from './options.ts';
import { processNumber } from './peer-number.ts';
import type { HostingOptions, PoolRole, PoolWorker } from './pool-worker.ts';
import type { ActorKey } from './protocol.ts';
import { WorkerProcess } from './worker-process.ts';
import { WorkerThread } from './worker-thread.ts';

interface PoolOptions extends HostingOptions {
  readonly ids: IdSource;
  /** How many actors may have a thread or a process of their own. */
  readonly isolated: number;
  /** Other threads can have a link to this process from now on. */
  readonly onReachable: (worker: PoolWorker) => void;
  /** What a process wrote to its own streams. */
  readonly onOutput: (worker: PoolWorker, isError: boolean, text: string) => void;
}

/** Supervisors leave little behind that is young: room for more would be filled with garbage and never given back. */
const SYSTEM_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 6 };

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
  readonly #workers = new Set<PoolWorker>();
  /** Threads and processes that belong to one actor. */
  readonly #alone = new Set<PoolWorker>();
  readonly #lodgers = new WeakMap<PoolWorker, ActorKey>();
  #processes = 0;
  readonly #blocked: BlockedWatch;

  constructor(seats: number, options: PoolOptions) {
    this.#options = options;
    this.#blocked = new BlockedWatch(options.clock, () => this.threads);
    this.#seats = new Array<undefined>(Math.max(1, seats)).fill(undefined);
  }

  get threads(): PoolWorker[] {
    return [...this.#workers];
  }

  find(workerId: string): PoolWorker | undefined {
    return this.threads.find((thread) => thread.workerId === workerId);
  }

  withLink(link: Link): PoolWorker | undefined {
    return this.threads.find((thread) => thread.link === link);
  }

  /**
   * A thread for one more actor: the system's, one of its own, or the one with the fewest.
   * @throws RangeError when too many have threads of their own.
   */
  place(options: ResolvedActorOptions, actor: ActorKey): PoolWorker {
    const thread = this.#threadFor(options);
    if (options.isolation !== 'shared') this.#lodgers.set(thread, actor);
    thread.admit(options.maxBlockedMs);
    if (thread.maxBlockedMs !== undefined) this.#blocked.start(thread.maxBlockedMs);
    thread.actors++;
    return thread;
  }

  /** The actor that the thread or process belongs to, or did when it lived. */
  lodgerOf(thread: PoolWorker): ActorKey | undefined {
    return this.#lodgers.get(thread);
  }

  /** An actor has left the thread; one that was its only one's own is not needed any more, and counts no more while it ends. */
  left(thread: PoolWorker): void {
    thread.actors--;
    if (this.#alone.delete(thread))
      void thread.dismiss(new ActorDeathCause('the actor that had this thread has left it'));
  }

  /** The thread is over: its seat is free. */
  remove(thread: PoolWorker): void {
    this.#workers.delete(thread);
    this.#alone.delete(thread);
    if (this.#system === thread) this.#system = undefined;
    const seat = this.#seats.indexOf(thread as WorkerThread);
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

  #threadFor(options: ResolvedActorOptions): PoolWorker {
    if (options.placement === 'system') return this.#systemThread();
    return options.isolation === 'shared' ? this.#leastLoaded() : this.#ofItsOwn(options);
  }

  #ofItsOwn({ isolation, resourceLimits }: ResolvedActorOptions): PoolWorker {
    const { isolated } = this.#options;
    if (this.#alone.size >= isolated)
      throw new RangeError(
        `Cannot give an actor a ${isolation} of its own: ${isolated} actors have a thread or a process, the limit`,
      );
    const worker =
      isolation === 'process' ? this.#startProcess(resourceLimits) : this.#start('actor', {}, resourceLimits);
    this.#alone.add(worker);
    return worker;
  }

  #startProcess(resourceLimits: ResourceLimits | undefined): PoolWorker {
    const worker = new WorkerProcess({
      ...this.#options,
      resourceLimits,
      workerId: this.#options.ids.next('worker'),
      peer: processNumber(this.#processes++),
    });
    this.#workers.add(worker);
    return worker;
  }

  #systemThread(): WorkerThread {
    if (this.#system?.isOpen) return this.#system;
    const ports = Object.fromEntries([...this.#provided].map(([name, make]) => [name, make()]));
    this.#system = this.#start('system', ports, SYSTEM_LIMITS);
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
    return thread?.isOpen ? thread.actors : 0;
  }

  #start(
    role: PoolRole,
    ports: Readonly<Record<string, MessagePort>> = {},
    resourceLimits?: ResourceLimits,
  ): WorkerThread {
    const workerId = this.#options.ids.next('worker');
    const thread = new WorkerThread({ ...this.#options, workerId, role, ports, resourceLimits });
    this.#workers.add(thread);
    return thread;
  }
}
