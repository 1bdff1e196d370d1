/**
 * The runtime's part in one thread: it makes calls and takes answers, and where there is a host, runs calls.
 * The driver has one and every worker has one. Ray: the core worker.
 *
 * It makes the parts, joins them, and is what the thread's public functions, its links and the driver's side talk to.
 * What is known and counted is the parts' own: `Calls` and `Tasks` have what pends, `KnownActors` ways and handles,
 * `Objects` refs and values, `Links` the links. All that comes over a link comes to `received`; all that is written in
 * one turn leaves at its end.
 */
import { type Clock, checkBoolean, quote, realClock } from '@heddle/base';
import type { AnyHandle } from './actor-handle.ts';
import type { ActorHost } from './actor-host.ts';
import { actorIdOf } from './actor-key.ts';
import { ActorMakings } from './actor-making.ts';
import type { ActorIdentity } from './actor-route.ts';
import type { CallResult } from './call-result.ts';
import { Calls } from './calls.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { ControlPoint } from './control-point.ts';
import type { ActorDeath, Core, NamedActor } from './current-core.ts';
import { Definitions } from './definitions.ts';
import { type Doorbell, Doorbells } from './doorbells.ts';
import { type Coder, EncodedArgs } from './encoded-args.ts';
import { checkNotEncoding, type Described, Encoder } from './encoder.ts';
import { EntryReader, type SpecialEntries } from './entry-reader.ts';
import { ActorDeathCause } from './errors.ts';
import type { Holding } from './handle-count.ts';
import { KnownActors } from './known-actors.ts';
import type { Link, LinkEvents } from './link.ts';
import { Links } from './links.ts';
import { Needs } from './needs.ts';
import { ObjectRef } from './object-ref.ts';
import { ObjectRefGenerator } from './object-ref-generator.ts';
import type { ObjectStore } from './object-store.ts';
import { Objects } from './objects.ts';
import { checkName, type ResolvedActorOptions } from './options.ts';
import { OwnCoder } from './own-coder.ts';
import type { ActorKey, Batch } from './protocol.ts';
import { presentActor, taskIdFor } from './runtime-context.ts';
import { SocketDoor } from './socket-door.ts';
import { TaskLog, type TaskReport } from './task-log.ts';
import type { ResolvedTaskOptions } from './task-options.ts';
import type { Tracing } from './task-trace.ts';
import { Tasks } from './tasks.ts';
import type { Telemetry } from './telemetry.ts';
import type { Verdict } from './verdict.ts';
import { WatchWindow } from './watch-window.ts';
import { Watcher, type Watching } from './watcher.ts';
import { WrittenLinks } from './written-links.ts';

export interface CoreOptions {
  readonly runtimeId: string;
  /** This thread's number: see `peer-number.ts`. */
  readonly threadId: number;
  /** Where the runtime's processes listen. */
  readonly folder: string;
  readonly clock: Clock;
  readonly isDriver: boolean;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry?: Telemetry | undefined;
  readonly watching: Watching;
  /** Told whether a call is pending, or a value of another thread's on its way. */
  readonly onPending?: (isAny: boolean) => void;
  /** Told whether this thread has what would be lost with it: actors that it made, objects that it has lent, calls. */
  readonly onNeeded?: (isNeeded: boolean) => void;
  /** See `WatcherParts`. */
  readonly turnBegins?: () => void;
  /** In a process of an actor: asks the driver that a thread dials it. */
  readonly introduce?: (peer: number) => void;
}

export class CoreWorker implements Core, LinkEvents {
  readonly definitions = new Definitions();
  readonly encoder: Encoder;
  readonly links: Links;
  readonly calls: Calls;
  readonly objects: Objects;
  readonly tasks: Tasks;
  /** What this thread remembers of tasks. */
  readonly log: TaskLog;
  readonly #options: CoreOptions;
  readonly #needs: Needs;
  readonly #own: OwnCoder;
  readonly #coder: Coder;
  readonly #actors: KnownActors;
  readonly #makings: ActorMakings;
  readonly #written: WrittenLinks;
  readonly #watcher: Watcher;
  /** Of all that are made or called without any. */
  readonly #noArgs: EncodedArgs;
  #control!: ControlPoint;
  #special!: SpecialEntries;
  #host: ActorHost | undefined;
  #reader!: EntryReader;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.log = new TaskLog(options.clock, options.tracing);
    this.#needs = new Needs(options.onPending, options.onNeeded);
    this.#makings = new ActorMakings(this.definitions);
    this.#own = new OwnCoder(this.definitions);
    this.encoder = new Encoder(this.definitions.shapes, this.#own);
    this.#coder = { encoder: this.encoder, keyLists: this.definitions.shapes.keyLists, own: this.#own.local };
    this.#noArgs = new EncodedArgs(this.#coder, [], { description: 'no arguments' }, false);
    const doorbells = new Doorbells(options.watching.bells);
    this.links = this.#makeLinks(doorbells);
    this.#written = new WrittenLinks(
      () => this.#watcher.willLook,
      () => this.#watcher.sent(),
    );
    this.#watcher = this.#makeWatcher(doorbells.of(options.threadId));
    this.calls = this.#makeCalls();
    this.tasks = this.#makeTasks();
    this.objects = this.#makeObjects();
    this.#actors = new KnownActors({
      threadId: options.threadId,
      definitions: this.definitions,
      encoder: this.encoder,
      calls: this.calls,
      onMade: options.onNeeded && this.#needs.needed,
    });
    this.#own.connect(this.#actors, this.objects);
  }

  #makeLinks(doorbells: Doorbells): Links {
    const { runtimeId, threadId, clock, isDriver, folder, introduce } = this.#options;
    return new Links({
      runtimeId,
      self: threadId,
      definitions: this.definitions,
      own: (link) => this.#own.from(link),
      events: this,
      clock,
      isBackground: isDriver,
      door: new SocketDoor(threadId, folder, clock),
      introduce: introduce ?? (() => {}),
      doorbells,
    });
  }

  #makeWatcher(bell: Doorbell): Watcher {
    const { watching, isDriver } = this.#options;
    return new Watcher({
      clock: realClock, // It waits for other threads, whatever time the runtime goes by.
      window: new WatchWindow(watching.latency, watching.processors),
      bell,
      isExpecting: () => !isDriver || this.calls.pending > 0,
      sleep: () => this.links.sleep(),
      rise: () => this.links.rise(),
      takeOne: () => this.links.takeOne(),
      flush: () => this.#written.flush(),
      turnBegins: this.#options.turnBegins ?? (() => {}),
    });
  }

  #makeCalls(): Calls {
    return new Calls({
      encoder: this.encoder,
      definitions: this.definitions,
      own: this.#own.local,
      actorIdOf: (actor) => actorIdOf(this.runtimeId, actor),
      linkTo: (peer) => this.links.to(peer),
      locate: (route) => this.#control.locate(route),
      idle: ({ actor, terms, isDead }) => {
        if (!terms.isDetached && !isDead) this.#control.idle(actor);
      },
      log: this.log,
      telemetry: this.#options.telemetry,
      onPending: this.#needs.pends,
    });
  }

  #makeTasks(): Tasks {
    return new Tasks({
      clock: this.#options.clock,
      log: this.log,
      send: (lease, link, call) => this.calls.send(lease, link, call),
      linkTo: (peer) => this.links.to(peer),
      settle: (call, isValue, value) => this.calls.settle(call, isValue, value),
      cancelSent: (lease, call, recursive) => this.calls.cancelSent(lease, call, recursive),
      wantLeases: (shape, count) => this.#control.wantLeases(shape, count),
      returnLease: (cell) => this.#control.returnLease(cell),
      endThread: (cell) => this.#control.endThread(cell),
    });
  }

  #makeObjects(): Objects {
    return new Objects({
      threadId: this.#options.threadId,
      clock: realClock, // Memory is kept for a moment of the machine's, whatever time the runtime goes by.
      store: this.#options.store,
      encoder: this.encoder,
      keyLists: this.#coder.keyLists,
      own: this.#own.local,
      linkTo: (peer) => this.links.to(peer),
      settle: (ref, isValue, value) => this.calls.settleRef(ref, isValue, value),
      settleStored: (ref, value) => this.calls.settleStored(ref, value),
      onFetching: this.#needs.pends,
      onLent: this.#needs.needed,
      collectElsewhere: () => this.#control.collectElsewhere(),
    });
  }

  /** The second half of making: who answers for what this core does not decide itself. */
  connect(control: ControlPoint, special: SpecialEntries, host: ActorHost | undefined): void {
    this.#control = control;
    this.#special = special;
    this.#host = host;
    this.#reader = new EntryReader({ definitions: this.definitions, objects: this.objects, special, host });
  }

  get runtimeId(): string {
    return this.#options.runtimeId;
  }

  /** For the threads that this one starts. */
  get watching(): Watching {
    return this.#options.watching;
  }

  /** The id of the call to which that thread has given that number. */
  taskIdOf(owner: number, order: number): string {
    return taskIdFor(this.#options.runtimeId, owner, order);
  }

  /** What this thread remembers, for the state API. */
  report(): TaskReport {
    const { threadId } = this.#options;
    return { threadId, tasks: this.log.tasks, runs: this.log.runs, objects: this.objects.list() };
  }

  get pendingCalls(): number {
    return this.calls.pending;
  }

  /** What this thread waits for, in words. */
  whatIsPending(): string {
    return [`${this.calls.pending} calls are pending`, ...this.#actors.whatIsPending()].join(', ');
  }

  /** Keeps the program going until `promise` has settled. */
  keepAliveFor<T>(promise: Promise<T>): Promise<T> {
    return this.#needs.keepAliveFor(promise);
  }

  // ── What programs ask for ──────────────────────────────────────────────────────────────────────────────

  create(given: ClassDeclaration, args: readonly unknown[], options: ResolvedActorOptions): AnyHandle {
    checkNotEncoding(this.encoder, 'create an actor');
    const { declaration, terms } = this.#makings.of(given, options);
    const route = this.#actors.make(declaration, terms);
    this.#control.spawn({ actor: route.actor, declaration, options, args, owner: presentActor()?.actor }, route);
    return this.#actors.makeHandle(route, true);
  }

  async getActor(name: string, namespace: string | undefined): Promise<AnyHandle> {
    checkName('get an actor', 'name', name);
    if (namespace !== undefined) checkName('get an actor', 'namespace', namespace);
    checkNotEncoding(this.encoder, 'get an actor');
    return await this.#control.getActor(name, namespace);
  }

  async listNamedActors(allNamespaces: boolean): Promise<NamedActor[]> {
    checkBoolean('list named actors', 'allNamespaces', allNamespaces);
    checkNotEncoding(this.encoder, 'list named actors');
    return await this.#control.listNamedActors(allNamespaces);
  }

  async kill(handle: unknown, noRestart: boolean): Promise<void> {
    checkBoolean('kill an actor', 'noRestart', noRestart);
    const { actor } = this.#actors.routeBehind(handle, 'kill');
    checkNotEncoding(this.encoder, 'kill an actor');
    await this.#control.kill(actor, noRestart);
  }

  watch(handle: unknown): Promise<ActorDeath> {
    const route = this.#actors.routeBehind(handle, 'watch');
    checkNotEncoding(this.encoder, 'watch an actor');
    this.calls.seek(route);
    return new Promise((resolve) => {
      route.whenDead((cause) =>
        resolve({ actorId: route.actorId, cause, isIntended: cause instanceof ActorDeathCause && cause.isIntended }),
      );
    });
  }

  submit(given: ClassDeclaration, args: readonly unknown[], options: ResolvedTaskOptions): CallResult {
    const declaration = this.definitions.intern(given);
    return this.calls.submit(this.tasks.queueFor(options), declaration, args, options);
  }

  put(value: unknown): ObjectRef {
    checkNotEncoding(this.encoder, 'put a value');
    if (value instanceof ObjectRef) throw new TypeError('Cannot put an ObjectRef: pass the ref itself');
    return this.objects.put(value);
  }

  async cancel(ref: unknown, force: boolean, recursive: boolean): Promise<void> {
    checkBoolean('cancel a call', 'force', force);
    checkBoolean('cancel a call', 'recursive', recursive);
    if (!(ref instanceof ObjectRef || ref instanceof ObjectRefGenerator))
      throw new TypeError(`Cannot cancel ${quote(ref)}: expected an ObjectRef or an ObjectRefGenerator`);
    this.calls.cancel(ref, force, recursive);
  }

  // ── LinkEvents: what arrives ───────────────────────────────────────────────────────────────────────────

  received(link: Link, batch: Batch): void {
    this.#watcher.receives();
    this.log.touch();
    this.calls.beginReceiving();
    this.#reader.read(link, batch);
    this.calls.endReceiving();
    this.tasks.received();
    this.#watcher.worked();
  }

  woken(): void {
    this.#watcher.woken();
  }

  nothing(): void {
    this.#watcher.worked();
  }

  closed(link: Link): void {
    this.calls.receiving(() => {
      for (const { call, began } of link.slots.drain()) began ? call.interrupted() : call.unbegun();
      this.#actors.linkClosed(link);
      this.tasks.linkClosed(link);
      this.objects.linkClosed(link.peer);
      this.#host?.linkClosed(link);
      this.#special.linkClosed(link);
    });
    this.tasks.received();
  }

  dirty(link: Link): void {
    this.#written.add(link);
  }

  // ── What the driver's side asks for, or tells ──────────────────────────────────────────────────────────

  /** Arguments as they are now; `isWire`: for another process. @throws SerializationError for what cannot be sent. */
  encodeArgs(args: readonly unknown[], task: Described, isWire: boolean): EncodedArgs {
    return args.length === 0 ? this.#noArgs : new EncodedArgs(this.#coder, args, task, isWire);
  }

  /** See `OwnCoder.argsToStore`. */
  argsToStore(args: EncodedArgs): unknown[] {
    return this.#own.argsToStore(args);
  }

  /** See `OwnCoder.storedHandle`. */
  storedHandle(content: unknown, keyOf: (actorId: string) => ActorKey): object {
    return this.#own.storedHandle(content, keyOf);
  }

  /** The handle of an actor that another thread told of. `counts`: it keeps the actor alive. */
  handleOf(identity: ActorIdentity, declaration: ClassDeclaration, counts: boolean): AnyHandle {
    return this.#actors.handleOf(identity, declaration, counts);
  }

  /** Names one more actor of this thread. */
  newActorKey(): ActorKey {
    return this.#actors.newKey();
  }

  /** Whether the actor was made in this thread. */
  isMadeHere(actor: ActorKey): boolean {
    return this.#actors.isMadeHere(actor);
  }

  /** How far this thread holds on to an actor: for the driver's census. */
  holding(actor: ActorKey): Holding {
    return this.#actors.holding(actor);
  }

  /** Verdicts of the driver on an actor that this thread knows. */
  judged(actor: ActorKey, verdict: Verdict): void {
    this.#actors.judged(actor, verdict);
  }

  /** Ends every call that is not settled: the runtime closes, no answer will come. */
  abandon(cause: unknown): void {
    this.#actors.abandon(cause);
    this.tasks.abandon();
  }
}
