/**
 * The runtime's part in one thread: it makes calls and takes answers, and where there is a host, runs calls.
 * The driver has one and every worker has one. Ray: the core worker.
 *
 * All that comes over a link comes to `receive`. All that is written in one turn leaves at its end.
 */
import { type Clock, checkBoolean, decodeThrown, type EncodedThrown, quote, realClock } from '@heddle/base';
import { type ActorTarget, type AnyHandle, type Caller, countsAsHolder, makeHandle, targetOf } from './actor-handle.ts';
import type { ActorHost } from './actor-host.ts';
import { actorIdOf, actorKeyOf, makerOf } from './actor-key.ts';
import { type ActorIdentity, ActorRoute, type ActorTerms } from './actor-route.ts';
import { type CallResult, Calls } from './calls.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { ControlPoint } from './control-point.ts';
import type { ActorDeath, Core, NamedActor } from './current-core.ts';
import type { OwnBuilder } from './decoder.ts';
import { Definitions } from './definitions.ts';
import { Doorbells } from './doorbells.ts';
import { type Coder, EncodedArgs } from './encoded-args.ts';
import {
  checkNotEncoding,
  type Described,
  type EncodedOwn,
  Encoder,
  type OwnValues,
  type Parcel,
  Tag,
} from './encoder.ts';
import { Envelope } from './envelope.ts';
import { ActorDeathCause } from './errors.ts';
import type { Holding } from './handle-count.ts';
import { KeyTable } from './key-table.ts';
import type { Link, LinkEvents } from './link.ts';
import { Links } from './links.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import { ObjectRef } from './object-ref.ts';
import { ObjectRefGenerator } from './object-ref-generator.ts';
import type { ObjectStore } from './object-store.ts';
import { Objects, type RefField } from './objects.ts';
import { checkName, type ResolvedActorOptions } from './options.ts';
import { findPassable, revivePassable } from './passable.ts';
import { type ActorKey, type Batch, type CellKey, countOf, type Form, formOf, Kind } from './protocol.ts';
import { presentActor, taskIdFor } from './runtime-context.ts';
import { SocketDoor } from './socket-door.ts';
import { markOf, RefMark } from './stored-args.ts';
import { TaskLog, type TaskReport } from './task-log.ts';
import type { ResolvedTaskOptions } from './task-options.ts';
import type { Tracing } from './task-trace.ts';
import { Tasks } from './tasks.ts';
import type { Carrier, Telemetry } from './telemetry.ts';
import type { Verdict } from './verdict.ts';
import { type Latency, WatchWindow } from './watch-window.ts';
import { Watcher } from './watcher.ts';

/** Entries that only the driver or only a worker understands. */
export interface SpecialEntries {
  /** Acts on the entry at `at` and returns where the next one stands. */
  receive(link: Link, batch: Batch, at: number): number;
  /** A link of this thread has closed; its calls have been given back. */
  linkClosed(link: Link): void;
}

/** How the threads of a runtime watch for messages: the same in all. */
export interface Watching {
  readonly latency: Latency;
  readonly processors: number;
  /** The memory of their `Doorbells`. */
  readonly bells: SharedArrayBuffer;
}

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
  /** Told before a batch is acted on. */
  readonly onReceive?: () => void;
  /** In a process of an actor: asks the driver that a thread dials it. */
  readonly introduce?: (peer: number) => void;
}

const NOT_HELD: Holding = { holds: false, sent: 0, received: 0 };

export class CoreWorker implements Core, Caller, OwnValues, LinkEvents {
  readonly definitions = new Definitions();
  readonly encoder: Encoder;
  readonly links: Links;
  readonly calls: Calls;
  readonly objects: Objects;
  readonly tasks: Tasks;
  /** What this thread remembers of tasks. */
  readonly log: TaskLog;
  readonly #options: CoreOptions;
  readonly #watcher: Watcher;
  readonly #coder: Coder;
  /** Of all that are made or called without any. */
  readonly #noArgs: EncodedArgs;
  readonly #routes = new KeyTable<ActorRoute>();
  readonly #dirty: Link[] = [];
  readonly #collected = new FinalizationRegistry<ActorRoute>((route) => route.dropped());
  #control!: ControlPoint;
  #special!: SpecialEntries;
  #host: ActorHost | undefined;
  #actorsMade = 0;
  /** What the latest actor made here was made by: mostly the next one is made alike. */
  #latest: Making | undefined;
  #pendingKinds = 0;
  /** The living actors that this thread has made, where `onNeeded` is told of them. */
  readonly #made = new Set<ActorKey>();
  #needs = 0;
  #carrier: Carrier | undefined;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.log = new TaskLog(options.clock, options.tracing);
    this.encoder = new Encoder(this.definitions.shapes, this);
    const doorbells = new Doorbells(options.watching.bells);
    this.links = new Links({
      runtimeId: options.runtimeId,
      self: options.threadId,
      definitions: this.definitions,
      own: (link) => this.#builder(link),
      events: this,
      clock: options.clock,
      isBackground: options.isDriver,
      door: new SocketDoor(options.threadId, options.folder, options.clock),
      introduce: options.introduce ?? (() => {}),
      doorbells,
    });
    this.#watcher = new Watcher({
      clock: realClock, // It waits for other threads, whatever time the runtime goes by.
      window: new WatchWindow(options.watching.latency, options.watching.processors),
      bell: doorbells.of(options.threadId),
      isExpecting: () => !options.isDriver || this.calls.pending > 0,
      sleep: () => this.links.sleep(),
      rise: () => this.links.rise(),
      takeOne: () => this.links.takeOne(),
      flush: () => this.#flush(),
    });
    this.#coder = {
      encoder: this.encoder,
      keyLists: this.definitions.shapes.keyLists,
      own: this.#ownBuilder(),
    };
    this.#noArgs = new EncodedArgs(this.#coder, [], { description: 'no arguments' }, false);
    this.calls = new Calls({
      encoder: this.encoder,
      definitions: this.definitions,
      own: this.#coder.own,
      actorIdOf: (actor) => actorIdOf(this.runtimeId, actor),
      linkTo: (peer) => this.links.to(peer),
      locate: (route) => this.#control.locate(route),
      idle: (route) => this.#idle(route),
      log: this.log,
      telemetry: options.telemetry,
      onPending: (isAny) => this.#pending(isAny),
    });
    this.tasks = new Tasks({
      clock: options.clock,
      log: this.log,
      send: (lease, link, call) => this.calls.send(lease, link, call),
      linkTo: (peer) => this.links.to(peer),
      settle: (call, isValue, value) => this.calls.settle(call, isValue, value),
      cancelSent: (lease, call, recursive) => this.calls.cancelSent(lease, call, recursive),
      wantLeases: (shape, count) => this.#control.wantLeases(shape, count),
      returnLease: (cell) => this.#control.returnLease(cell),
      endThread: (cell) => this.#control.endThread(cell),
    });
    this.objects = new Objects({
      threadId: options.threadId,
      store: options.store,
      encoder: this.encoder,
      keyLists: this.#coder.keyLists,
      own: this.#coder.own,
      linkTo: (peer) => this.links.to(peer),
      settle: (ref, isValue, value) => this.calls.settleRef(ref, isValue, value),
      settleStored: (ref, value) => this.calls.settleStored(ref, value),
      onFetching: (isAny) => this.#pending(isAny),
      onLent: (isAny) => this.#needed(isAny),
      collectElsewhere: () => this.#control.collectElsewhere(),
    });
  }

  /** The second half of making: who answers for what this core does not decide itself. */
  connect(control: ControlPoint, special: SpecialEntries, host: ActorHost | undefined): void {
    this.#control = control;
    this.#special = special;
    this.#host = host;
  }

  get runtimeId(): string {
    return this.#options.runtimeId;
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
    const routes = this.#allRoutes().filter(({ pending }) => pending > 0);
    const named = routes.slice(0, 3).map(({ pending, actorId, declaration }) => {
      return `${pending} on actor "${actorId}" of class ${declaration.name}`;
    });
    return [`${this.calls.pending} calls are pending`, ...named, ...(routes.length > 3 ? ['…'] : [])].join(', ');
  }

  // ── What programs ask for ──────────────────────────────────────────────────────────────────────────────

  create(given: ClassDeclaration, args: readonly unknown[], options: ResolvedActorOptions): AnyHandle {
    checkNotEncoding(this.encoder, 'create an actor');
    const { declaration, terms } = this.#making(given, options);
    const actor = this.newActorKey();
    const route = this.#addRoute(new ActorRoute(actor, terms, declaration, this.calls));
    route.isSought = true; // Whoever spawns is told without asking.
    this.#keepsMade(route);
    this.#control.spawn({ actor, declaration, options, args, owner: presentActor()?.actor }, route);
    return this.#makeHandle(route, true);
  }

  /** @throws RangeError for a class whose methods are in groups that the options do not declare. */
  #making(given: ClassDeclaration, options: ResolvedActorOptions): Making {
    if (this.#latest?.given === given && this.#latest.options === options) return this.#latest;
    const declaration = this.definitions.intern(given);
    checkGroups(declaration, options);
    this.#latest = { given, options, declaration, terms: termsOf(declaration, options) };
    return this.#latest;
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
    const target = targetOf(handle);
    if (target === undefined) throw new TypeError(`Cannot kill ${quote(handle)}: expected an actor handle`);
    if (!this.#isOurs(target)) throw new TypeError(`Cannot kill actor "${target.actorId}": ${OF_ANOTHER_RUNTIME}`);
    checkNotEncoding(this.encoder, 'kill an actor');
    await this.#control.kill(target.actor, noRestart);
  }

  watch(handle: unknown): Promise<ActorDeath> {
    const route = targetOf(handle) as ActorRoute | undefined;
    if (route === undefined) throw new TypeError(`Cannot watch ${quote(handle)}: expected an actor handle`);
    if (!this.#isOurs(route)) throw new TypeError(`Cannot watch actor "${route.actorId}": ${OF_ANOTHER_RUNTIME}`);
    checkNotEncoding(this.encoder, 'watch an actor');
    this.calls.seek(route);
    return new Promise((resolve) => {
      route.whenDead((cause) =>
        resolve({ actorId: route.actorId, cause, isIntended: cause instanceof ActorDeathCause && cause.isIntended }),
      );
    });
  }

  released(handle: object, target: ActorTarget): void {
    checkNotEncoding(this.encoder, 'release a handle');
    this.#collected.unregister(handle);
    (target as ActorRoute).dropped();
  }

  /** How far this thread holds on to an actor: for the driver's census. */
  holding(actor: ActorKey): Holding {
    const route = this.#routes.get(actor);
    return route === undefined ? NOT_HELD : route.handles.holding(route.pending > 0);
  }

  call(target: ActorTarget, method: number, args: readonly unknown[], options?: ResolvedMethodOptions): CallResult {
    return this.calls.call(target as ActorRoute, method, args, options);
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

  /** Whether the actor was made in this thread. */
  isMadeHere(actor: ActorKey): boolean {
    return makerOf(actor) === this.#options.threadId;
  }

  /** Names one more actor of this thread. */
  newActorKey(): ActorKey {
    return actorKeyOf(this.#options.threadId, this.#actorsMade++);
  }

  // ── What arrives ───────────────────────────────────────────────────────────────────────────────────────

  received(link: Link, batch: Batch): void {
    this.#options.onReceive?.();
    this.log.touch();
    this.calls.beginReceiving();
    for (let at = 0; at < batch.length; ) at = this.#receive(link, batch, at);
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
      for (const route of this.#allRoutes()) route.linkClosed(link);
      this.tasks.linkClosed(link);
      this.objects.linkClosed(link.peer);
      this.#host?.linkClosed(link);
      this.#special.linkClosed(link);
    });
    this.tasks.received();
  }

  dirty(link: Link): void {
    if (this.#dirty.push(link) === 1) process.nextTick(this.#endTurn);
  }

  /** For the threads that this one starts. */
  get watching(): Watching {
    return this.#options.watching;
  }

  /** Verdicts of the driver on an actor that this thread knows. */
  judged(actor: ActorKey, verdict: Verdict): void {
    const route = this.#routes.get(actor);
    route?.judged(verdict);
    if (!route?.isDead) return;
    this.#routes.delete(actor); // Its handles know on their own that it is dead.
    if (this.#made.delete(actor)) this.#needed(false);
  }

  /** Keeps the program going until `promise` has settled. */
  async keepAliveFor<T>(promise: Promise<T>): Promise<T> {
    this.#pending(true);
    try {
      return await promise;
    } finally {
      this.#pending(false);
    }
  }

  /** Told of what pends, kind by kind: whether calls are pending, and whether values are on their way. */
  #pending(isAny: boolean): void {
    this.#pendingKinds += isAny ? 1 : -1;
    this.#options.onPending?.(this.#pendingKinds > 0);
    this.#needed(isAny);
  }

  /** An actor that dies with this thread, if that is one which may end before its time. */
  #keepsMade({ actor, terms }: ActorRoute): void {
    if (this.#options.onNeeded === undefined || terms.isDetached) return;
    this.#made.add(actor);
    this.#needed(true);
  }

  #needed(isNeeded: boolean): void {
    this.#needs += isNeeded ? 1 : -1;
    this.#options.onNeeded?.(this.#needs > 0);
  }

  /** Ends every call that is not settled: the runtime closes, no answer will come. */
  abandon(cause: unknown): void {
    for (const route of this.#allRoutes()) this.judged(route.actor, { kind: 'dead', cause });
    this.tasks.abandon();
  }

  /** The handle of an actor that another thread told of. `counts`: it keeps the actor alive. */
  handleOf(identity: ActorIdentity, declaration: ClassDeclaration, counts: boolean): AnyHandle {
    return this.#makeHandle(this.#routes.get(identity.actor) ?? this.#routeOf(identity, declaration), counts);
  }

  #routeOf(identity: ActorIdentity, declaration: ClassDeclaration): ActorRoute {
    const { actor, actorId } = identity;
    return this.#addRoute(new ActorRoute(actor, identity, this.definitions.intern(declaration), this.calls, actorId));
  }

  #allRoutes(): ActorRoute[] {
    return [...this.#routes.entries()].map(([, route]) => route);
  }

  #makeHandle(route: ActorRoute, wanted: boolean): AnyHandle {
    const counts = wanted && !route.terms.isDetached;
    const handle = makeHandle(route, this, counts);
    if (counts) {
      route.handles.made();
      this.#collected.register(handle, route, handle);
    }
    return handle;
  }

  /** Arguments as they are now; `isWire`: for another process. @throws SerializationError for what cannot be sent. */
  encodeArgs(args: readonly unknown[], task: Described, isWire: boolean): EncodedArgs {
    return args.length === 0 ? this.#noArgs : new EncodedArgs(this.#coder, args, task, isWire);
  }

  /** The arguments as `storeArgs` takes them: with marks in the places of handles and refs. */
  argsToStore(args: EncodedArgs): unknown[] {
    return args.values({
      decodeOwn: (tag, field) => {
        if (tag === Tag.Ref) return new RefMark();
        const { identity, classNumber, passable } = field as HandleField;
        const declaration = this.definitions.classes[classNumber]!;
        return markOf({ identity, declaration, passable } satisfies StoredHandle);
      },
    });
  }

  /** The handle of which `argsToStore` made a mark in an earlier runtime. `keyOf`: what leads to the actor in this one. */
  storedHandle(content: unknown, keyOf: (actorId: string) => ActorKey): object {
    const { identity, declaration, passable } = content as StoredHandle;
    const handle = this.handleOf({ ...identity, actor: keyOf(identity.actorId) }, declaration, false);
    return passable === undefined ? handle : revivePassable(passable, handle);
  }

  encodeOwn(value: object): EncodedOwn | undefined {
    const target = targetOf(value);
    if (target !== undefined) return this.#encodeHandle(target as ActorRoute, value as AnyHandle);
    const passable = findPassable(value);
    if (passable !== undefined) {
      const behind = targetOf(passable.handle) as ActorRoute;
      return this.#encodeHandle(behind, passable.handle as AnyHandle, passable.name);
    }
    if (value instanceof ObjectRefGenerator) throw new TypeError('a generator of refs cannot be passed on');
    return value instanceof ObjectRef ? { tag: Tag.Ref, parcel: this.objects.parcelOf(value) } : undefined;
  }

  #isOurs(target: ActorTarget): boolean {
    return (target as ActorRoute).isOf(this.calls);
  }

  #encodeHandle(route: ActorRoute, handle: AnyHandle, passable?: string): EncodedOwn {
    if (!this.#isOurs(route)) throw new TypeError(`a handle cannot be sent: ${OF_ANOTHER_RUNTIME}`);
    const counts = countsAsHolder(handle);
    const classNumber = this.definitions.numberOf(route.declaration);
    const field: HandleField = {
      identity: route.identity,
      classNumber,
      counts,
      ...(passable !== undefined && { passable }),
    };
    return { tag: Tag.Handle, parcel: handleParcel(field, handle, route) };
  }

  #builder(link: Link): OwnBuilder {
    return {
      decodeOwn: (tag, field) =>
        tag === Tag.Ref
          ? this.objects.refOf(field as RefField, true)
          : this.#handleFrom(field as HandleField, link.peerClasses, true),
    };
  }

  /** For fields that never left this thread: nothing has arrived with them. */
  #ownBuilder(): OwnBuilder {
    return {
      decodeOwn: (tag, field) =>
        tag === Tag.Ref
          ? this.objects.refOf(field as RefField, false)
          : this.#handleFrom(field as HandleField, this.definitions.classes, false),
    };
  }

  #handleFrom(field: HandleField, classes: readonly ClassDeclaration[], isArrival: boolean): object {
    const handle = this.handleOf(field.identity, classes[field.classNumber]!, field.counts);
    if (field.counts && isArrival) this.#routes.get(field.identity.actor)?.handles.received();
    return field.passable === undefined ? handle : revivePassable(field.passable, handle);
  }

  #addRoute(route: ActorRoute): ActorRoute {
    this.#routes.set(route.actor, route);
    return route;
  }

  #idle(route: ActorRoute): void {
    if (!route.terms.isDetached && !route.isDead) this.#control.idle(route.actor);
  }

  readonly #endTurn = (): void => {
    this.#flush();
    this.#watcher.sent();
  };

  #flush(): void {
    if (this.#dirty.length === 0) return;
    const links = this.#dirty.splice(0);
    for (let i = 0; i < links.length; i++) links[i]!.flush();
  }

  #receive(link: Link, batch: Batch, at: number): number {
    const kind = batch[at] as Kind;
    switch (kind) {
      case Kind.Call:
        return this.#receiveCall(link, batch, at);
      case Kind.CallWith:
        return this.#receiveCall(link, batch, at);
      case Kind.Cancel:
        this.#host!.cancel(batch[at + 2] as CellKey, link, batch[at + 1] as number, batch[at + 3] as boolean);
        return at + 4;
      case Kind.Carrier:
        this.#carrier = batch[at + 1] as Carrier;
        return at + 2;
      case Kind.Stream:
        return this.#receiveStream(link, batch, at);
      case Kind.Yield:
        return this.#receiveItem(link, batch, at);
      case Kind.Take:
        this.#host!.taken(link, batch[at + 1] as number, batch[at + 2] as number);
        return at + 3;
      case Kind.CodedResult:
        return this.#receiveResult(link, batch, at);
      case Kind.Result:
        link.slots.release(batch[at + 1] as number)?.answered(true, batch[at + 2], false);
        return at + 3;
      case Kind.Failure: {
        const error = decodeThrown(batch[at + 3] as EncodedThrown);
        link.slots.release(batch[at + 1] as number)?.answered(false, error, batch[at + 2] as boolean);
        return at + 4;
      }
      case Kind.Interrupted:
        link.slots.release(batch[at + 1] as number)?.interrupted();
        return at + 2;
      case Kind.Unbegun:
        link.slots.release(batch[at + 1] as number)?.unbegun();
        return at + 2;
      case Kind.Shape: {
        const end = at + 3 + (batch[at + 2] as number);
        (link.decoder.shapes as (readonly string[])[])[batch[at + 1] as number] = batch.slice(at + 3, end) as string[];
        return end;
      }
      case Kind.Fetch:
        this.objects.fetched(link, batch[at + 1] as number);
        return at + 2;
      case Kind.Object:
        return this.objects.arrived(link, batch, at);
      case Kind.ObjectFailed:
        this.objects.failed(link, batch[at + 1] as number, batch[at + 2] as EncodedThrown);
        return at + 3;
      case Kind.GiveBack:
        this.objects.givenBack(batch[at + 1] as number, batch[at + 2] as number);
        return at + 3;
      case Kind.Class:
        link.peerClasses[batch[at + 1] as number] = this.definitions.intern(batch[at + 2] as ClassDeclaration);
        return at + 3;
      default:
        return this.#special.receive(link, batch, at);
    }
  }

  #receiveCall(link: Link, batch: Batch, at: number): number {
    const group = batch[at] === Kind.CallWith ? (batch[at + 4] as string) : undefined;
    const headerAt = group === undefined ? at + 4 : at + 5;
    const header = batch[headerAt] as number;
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = headerAt + 1;
    const args = decoder.decodeAll(countOf(header), formOf(header));
    const end = decoder.at; // The call may decode more on this link before it returns.
    const envelope = new Envelope(link, batch[at + 1] as number, batch[at + 3] as number, args, group);
    this.#takeCarrier(envelope);
    this.#host!.call(batch[at + 2] as CellKey, envelope);
    return end;
  }

  /** The entry before this call's, if it was the call's telemetry context. */
  #takeCarrier(envelope: Envelope): void {
    if (this.#carrier === undefined) return;
    envelope.carrier = this.#carrier;
    this.#carrier = undefined;
  }

  #receiveStream(link: Link, batch: Batch, at: number): number {
    const [, slot, cell, method, group, window, header] = batch.slice(at, at + 7) as [
      Kind,
      number,
      CellKey,
      number,
      string | undefined,
      number,
      number,
    ];
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 7;
    const args = decoder.decodeAll(countOf(header), formOf(header));
    const end = decoder.at;
    const envelope = new Envelope(link, slot, method, args, group);
    envelope.window = window;
    this.#takeCarrier(envelope);
    this.#host!.call(cell, envelope);
    return end;
  }

  #receiveItem(link: Link, batch: Batch, at: number): number {
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 3;
    const value = decoder.decodeOne(batch[at + 2] as Form);
    const end = decoder.at;
    link.slots.at(batch[at + 1] as number)?.yielded(value);
    return end;
  }

  #receiveResult(link: Link, batch: Batch, at: number): number {
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 3;
    const value = decoder.decodeOne(batch[at + 2] as Form);
    const end = decoder.at;
    link.slots.release(batch[at + 1] as number)?.answered(true, value, false);
    return end;
  }
}

const OF_ANOTHER_RUNTIME = 'it belongs to another runtime';

/** A handle lives as long as the fields it stands in, and each of its copies that leaves is counted. */
function handleParcel(
  field: HandleField,
  handle: AnyHandle,
  route: ActorRoute,
): Parcel & { readonly handle: AnyHandle } {
  return {
    field,
    handle,
    leave: () => {
      if (field.counts) route.handles.sent();
      return field;
    },
  };
}

interface HandleField {
  readonly identity: ActorIdentity;
  readonly classNumber: number;
  readonly counts: boolean;
  /** What stands over the handle, if anything: see `passable.ts`. */
  readonly passable?: string;
}

/** What actors have in common that are made alike in this thread. */
interface Making {
  /** As the remote class has it. */
  readonly given: ClassDeclaration;
  readonly options: ResolvedActorOptions;
  /** The one of this thread. */
  readonly declaration: ClassDeclaration;
  readonly terms: ActorTerms;
}

interface StoredHandle {
  readonly identity: ActorIdentity;
  readonly declaration: ClassDeclaration;
  readonly passable: string | undefined;
}

function termsOf(declaration: ClassDeclaration, options: ResolvedActorOptions): ActorTerms {
  return {
    maxPendingCalls: options.maxPendingCalls,
    maxTaskRetries: options.maxTaskRetries,
    failFast: options.failFast,
    isDetached: options.lifetime === 'detached',
    neverRestarts: options.maxRestarts === 0,
    groups: Object.keys(options.concurrencyGroups),
    isConcurrent:
      options.maxConcurrency > 1 ||
      Object.keys(options.concurrencyGroups).length > 0 ||
      (options.maxConcurrency === 0 && declaration.isAsync),
  };
}

/** @throws RangeError for a method whose class puts it into a group that the options do not declare. */
function checkGroups(declaration: ClassDeclaration, options: ResolvedActorOptions): void {
  for (const [name, { concurrencyGroup }] of Object.entries(declaration.methodOptions)) {
    if (concurrencyGroup === undefined || concurrencyGroup in options.concurrencyGroups) continue;
    throw new RangeError(
      `Cannot create an actor of class "${declaration.name}": its method "${name}" is in concurrency group ${quote(concurrencyGroup)}, which the option concurrencyGroups does not declare`,
    );
  }
}
