/**
 * A runtime: a driver, its worker threads and the actors in them. Ray: what `ray.init()` starts or joins.
 *
 * It belongs to whoever started it and ends with `shutdown()` or `await using`: its threads end, and every
 * call that is still pending fails. It installs no signal handler and writes no log.
 */

import type { MessagePort } from 'node:worker_threads';
import { threadId } from 'node:worker_threads';
import {
  type ActorRow,
  type Clock,
  checkKnown,
  type IdSource,
  quote,
  randomIds,
  realClock,
  type WorkerRow,
} from '@heddle/base';
import type { ActorHandle } from './actor-handle.ts';
import type { ActorMemory } from './actor-memory.ts';
import { toActorRow } from './actor-record.ts';
import type { AnyClass } from './class-declaration.ts';
import { CoreWorker } from './core-worker.ts';
import { Doorbells } from './doorbells.ts';
import type { Driver, DriverOptions } from './driver.ts';
import { ActorDeathCause, RuntimeClosedError } from './errors.ts';
import { KeepAlive } from './keep-alive.ts';
import { os } from './late-builtins.ts';
import type { ObjectRef } from './object-ref.ts';
import { ObjectStore } from './object-store.ts';
import {
  type ActorOptions,
  type ResolvedRuntimeOptions,
  type RuntimeOptions,
  resolveActorOptions,
  resolveRuntimeOptions,
} from './options.ts';
import { RemoteClass } from './remote.ts';
import { type Resources, resolveResources } from './resource-ledger.ts';
import { SocketFolder } from './socket-folder.ts';
import {
  type KnownTask,
  knownTasks,
  summarize,
  type TaskRow,
  type TaskSummary,
  toTaskRow,
  traceLines,
} from './task-row.ts';
import { loadTelemetry, type Telemetry } from './telemetry.ts';
import { type TimelineEvent, toTimeline } from './timeline.ts';

/** Where time and ids come from; for tests. */
export interface RuntimeParts {
  readonly clock?: Clock;
  readonly ids?: IdSource;
}

/** Of `driver.ts`, which only a thread that starts a runtime loads. */
type MakeDriver = (options: DriverOptions) => Driver;

/** The counts that must return to zero. */
export interface RuntimeStats {
  /** Actors that are not DEAD. */
  readonly actors: number;
  /** Objects that were put, and refs that other threads may have, in all threads. */
  readonly objects: number;
  /** Bytes that objects which were put take in the store. */
  readonly objectBytes: number;
  /** The driver's calls that are not settled. */
  readonly pendingCalls: number;
  /** Living worker threads and processes of actors. */
  readonly workers: number;
}

/** An object of a thread as the state API shows it. */
export interface ObjectRow {
  readonly objectId: string;
  /** The thread whose end is the object's. */
  readonly ownerThreadId: number;
  /** What it takes in the store. */
  readonly bytes: number;
  /** It was put. */
  readonly isStored: boolean;
  /** Other threads have refs to it. */
  readonly isLent: boolean;
}

/**
 * The actors, tasks and objects of one program, its threads, and what they look like from outside. `init` makes the
 * default one, `startRuntime` further ones. `await using` it, or call `shutdown()`. Ray: a local cluster.
 */
export class Runtime implements AsyncDisposable {
  /** @internal */
  readonly core: CoreWorker;
  /** Unique in the world; part of the ids of its actors and tasks. */
  readonly runtimeId: string;
  readonly #driver: Driver;
  readonly #workerId: string;
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #folder: SocketFolder;
  readonly #onClosed: (() => void)[] = [];
  /** Of names that are given without one by the driver. */
  readonly namespace: string;
  #closed: Promise<void> | undefined;

  /** Use `startRuntime` or `init`. */
  constructor(
    options: ResolvedRuntimeOptions,
    parts: RuntimeParts,
    makeDriver: MakeDriver,
    memory?: ActorMemory,
    telemetry?: Telemetry,
  ) {
    const clock = parts.clock ?? realClock;
    this.#clock = clock;
    const ids = parts.ids ?? randomIds;
    this.namespace = options.namespace;
    this.#store = ObjectStore.open(options.objectStoreBytes);
    this.runtimeId = ids.next('runtime');
    this.#workerId = ids.next('worker');
    this.#keepAlive = new KeepAlive(!options.background, clock, () => this.#whatIsPending());
    this.#folder = new SocketFolder(this.runtimeId);
    this.core = this.#makeCore(options, telemetry);
    this.#driver = makeDriver({ ...this.#toDriverParts(options), ids, memory });
    this.core.connect(this.#driver, this.#driver, undefined);
  }

  #makeCore({ tracing, latency }: ResolvedRuntimeOptions, telemetry: Telemetry | undefined): CoreWorker {
    return new CoreWorker({
      runtimeId: this.runtimeId,
      threadId,
      folder: this.#folder.path,
      clock: this.#clock,
      isDriver: true,
      store: this.#store,
      tracing,
      telemetry,
      watching: { latency, processors: os().availableParallelism(), bells: new Doorbells().buffer },
      onPending: (isAny) => this.#keepAlive.hold(isAny),
    });
  }

  #toDriverParts(options: ResolvedRuntimeOptions) {
    return {
      core: this.core,
      runtimeId: this.runtimeId,
      namespace: options.namespace,
      workers: options.workers,
      threadId,
      isolated: options.isolated,
      idleTaskThreadMs: options.idleTaskThreadMs,
      store: this.#store,
      tracing: options.tracing,
      telemetry: options.telemetry,
      clock: this.#clock,
      logToDriver: options.logToDriver,
      resources: resolveResources('start a runtime', options.numCpus, options.resources),
      folder: this.#folder,
    };
  }

  /** Makes an actor of this runtime, whichever runtime is the default. See `RemoteClass.remote`. */
  create<C extends AnyClass>(
    remoteClass: RemoteClass<C>,
    args: readonly unknown[],
    options: ActorOptions = {},
  ): ActorHandle<RemoteClass<C>> {
    if (!(remoteClass instanceof RemoteClass))
      throw new TypeError(`Cannot create an actor of ${quote(remoteClass)}: expected what remote() made of a class`);
    this.#checkOpen(`create an actor of class "${remoteClass.declaration.name}"`);
    return this.core.create(remoteClass.declaration, args, resolveActorOptions(options)) as never;
  }

  /** The living actor of that name. @throws ActorNotFoundError. Ray: `ray.get_actor`. */
  async getActor<C = object>(name: string, namespace?: string): Promise<ActorHandle<C>> {
    this.#checkOpen('get an actor');
    return (await this.core.getActor(name, namespace)) as never;
  }

  /** Ends the actor now, without hooks. Ray: `ray.kill`. */
  async kill(handle: object, options: { readonly noRestart?: boolean } = {}): Promise<void> {
    checkKnown('kill an actor', options, ['noRestart']);
    this.#checkOpen('kill an actor');
    await this.core.kill(handle, options.noRestart ?? true);
  }

  /** All living actors and the latest dead ones. */
  listActors(): ActorRow[] {
    return this.#driver.directory.all().map(toActorRow);
  }

  /** The driver and the living worker threads and processes of actors. */
  listWorkers(): WorkerRow[] {
    const { pool } = this.#driver;
    return [
      { workerId: this.#workerId, threadId, pid: process.pid, role: 'driver', isAlive: true, busyMs: 0, actors: 0 },
      ...pool.threads.map((thread) => ({
        workerId: thread.workerId,
        threadId: thread.threadId,
        pid: thread.pid,
        role: thread.role,
        isAlive: thread.isAlive,
        busyMs: thread.busyMs,
        actors: thread.actors,
      })),
      ...this.#driver.tasks.pool.threads.map(({ workerId, threadId, heartbeat, link }) => ({
        workerId,
        threadId,
        pid: process.pid,
        role: 'task' as const,
        isAlive: link.isOpen,
        busyMs: heartbeat.busyMs(),
        actors: 0,
      })),
    ];
  }

  /**
   * Tasks that are not over and the latest that are, of all threads; with `tracing: 'calls'` calls of actors too. A
   * thread that is busy answers when its turn has ended. Ray: `ray list tasks`.
   */
  async listTasks(): Promise<TaskRow[]> {
    const epochMs = this.#clock.now() - this.#clock.monotonicMs();
    return (await this.#knownTasks()).map((known) => toTaskRow(known, epochMs));
  }

  /** How many tasks of each name stand in each state. Ray: `ray summary tasks`. */
  async summarizeTasks(): Promise<TaskSummary> {
    return summarize(await this.listTasks());
  }

  /**
   * The life of one task, a line for each thing that happened to it: when, in which component, what.
   * @throws RangeError for a task that no thread remembers.
   */
  async trace(taskId: string): Promise<string[]> {
    const known = (await this.#knownTasks()).find((each) => each.taskId === taskId);
    if (known === undefined)
      throw new RangeError(
        `Cannot trace task ${quote(taskId)}: no thread remembers it; calls of actors need tracing "calls"`,
      );
    return traceLines(known);
  }

  /** The runs of tasks as a Chrome trace: write it to a file as JSON and open it in Perfetto. Ray: `ray.timeline`. */
  async timeline(): Promise<TimelineEvent[]> {
    const names = new Map(this.listWorkers().map((worker) => [worker.threadId, `${worker.role} ${worker.workerId}`]));
    return toTimeline(await this.#knownTasks(), process.pid, this.#clock.monotonicMs(), names);
  }

  /** Objects that were put or that other threads have refs to. Ray: `ray list objects`. */
  async listObjects(): Promise<ObjectRow[]> {
    const reports = await this.core.keepAliveFor(this.#driver.gatherReports());
    return reports.flatMap(({ threadId: owner, objects }) =>
      objects.map(({ object, ...row }) => ({
        objectId: `object_${owner}_${object.toString(36)}`,
        ownerThreadId: owner,
        ...row,
      })),
    );
  }

  /** The id of the task or call whose value `ref` is to hold; undefined for what was put or came from elsewhere. */
  taskIdOf(ref: ObjectRef): string | undefined {
    return ref.task === undefined ? undefined : this.core.taskIdOf(threadId, ref.task);
  }

  async #knownTasks(): Promise<KnownTask[]> {
    return knownTasks(await this.core.keepAliveFor(this.#driver.gatherReports()), (owner, order) =>
      this.core.taskIdOf(owner, order),
    );
  }

  /** The last lines that an actor printed, oldest first: at most 100. */
  actorLines(actorId: string): readonly string[] {
    const record = this.#driver.directory.all().find((each) => each.actorId === actorId);
    return record === undefined ? [] : this.#driver.console.linesOf(record.actor);
  }

  /** Tells `listener` of every change of an actor's state, until disposed. */
  watchActors(listener: (row: ActorRow) => void): Disposable {
    return this.#driver.watchActors(listener);
  }

  /** Asks a thread to answer from its control port. @throws WorkerCrashedError when it ends first. */
  async pingWorker(workerId: string): Promise<void> {
    await this.#thread(workerId).control.ping();
  }

  /** Ends a thread at once, as a crash would: for tests of faults, and for a thread that no longer turns. */
  async terminateWorker(workerId: string): Promise<void> {
    const ofTasks = this.#driver.tasks.pool.find(workerId);
    if (ofTasks !== undefined) await this.#driver.tasks.pool.terminate(ofTasks.threadId);
    else await this.#thread(workerId).terminate(new ActorDeathCause(`worker "${workerId}" was terminated`));
  }

  /**
   * Gives the system thread, and every one that replaces it, a port under `name`, there before any actor of
   * the thread is made. `make` is called once for each thread.
   */
  async provideToSystemThread(name: string, make: () => MessagePort): Promise<void> {
    await this.#driver.pool.provideToSystemThread(name, make);
  }

  /** What there is to hand out to tasks and actors, and what of it nobody has. Ray: `cluster_resources`, `available_resources`. */
  resources(): { readonly total: Resources; readonly available: Resources } {
    const { total, available } = this.#driver.resources;
    return { total, available };
  }

  /** How much there is of everything now. */
  stats(): RuntimeStats {
    return {
      actors: this.#driver.directory.size,
      objects: this.#store.objects,
      objectBytes: this.#store.bytes,
      pendingCalls: this.core.pendingCalls,
      workers:
        this.#driver.pool.threads.filter((thread) => thread.isAlive).length + this.#driver.tasks.pool.threads.length,
    };
  }

  /** @internal Called once, at its start. */
  revive(): Promise<void> {
    return this.#driver.revive();
  }

  /** @internal */
  onClosed(action: () => void): void {
    this.#onClosed.push(action);
  }

  /** Ends all threads; pending calls fail. The second time it waits for the first. Ray: `ray.shutdown`. */
  shutdown(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #close(): Promise<void> {
    this.#keepAlive.holdToEnd();
    for (const action of this.#onClosed) action();
    try {
      await this.#driver.close(new RuntimeClosedError('Cannot go on: the runtime was shut down'));
    } finally {
      this.core.objects.close();
      this.#folder[Symbol.dispose]();
      this.#keepAlive.end();
    }
  }

  #whatIsPending(): string | undefined {
    return this.#driver.pool.threads.some(({ busyMs }) => busyMs > 0) ? undefined : this.core.whatIsPending();
  }

  #thread(workerId: string) {
    const thread = this.#driver.pool.find(workerId);
    if (thread === undefined) throw new RangeError(`Cannot find worker "${workerId}": no living thread has that id`);
    return thread;
  }

  #checkOpen(action: string): void {
    if (this.#closed !== undefined) throw new RuntimeClosedError(`Cannot ${action}: the runtime was shut down`);
  }
}

/**
 * Starts a runtime that is nobody's default: what it makes is made through its own methods.
 * @throws RuntimeDirectoryInUseError when another runtime works in its directory.
 */
export async function startRuntime(given: RuntimeOptions = {}, parts: RuntimeParts = {}): Promise<Runtime> {
  const options = resolveRuntimeOptions(given);
  const telemetry = await loadTelemetry(options.telemetry);
  const memory = options.directory === undefined ? undefined : await openMemory(options.directory);
  const { Driver } = await import('./driver.ts'); // The threads of actors do without its third of the code.
  const runtime = new Runtime(options, parts, (driverOptions) => new Driver(driverOptions), memory, telemetry);
  try {
    await runtime.revive();
  } catch (error) {
    await runtime.shutdown();
    throw error;
  }
  return runtime;
}

/** Loaded by whoever needs it: with SQLite and all it is a quarter of what there is to load. */
async function openMemory(directory: string): Promise<ActorMemory> {
  const { ActorMemory } = await import('./actor-memory.ts');
  return await ActorMemory.open(directory);
}
