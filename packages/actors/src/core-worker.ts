/**
 * The runtime's part in one thread: it makes calls and takes answers, and where there is a host, runs calls.
 * The driver has one and every worker has one. Ray: the core worker.
 *
 * All that comes over a link comes to `receive`. All that is written in one turn leaves at its end.
 */
import { type Clock, decodeThrown, type EncodedThrown } from '@heddle/base';
import { type ActorTarget, type AnyHandle, type Caller, makeHandle, targetOf } from './actor-handle.ts';
import type { ActorHost } from './actor-host.ts';
import { type ActorIdentity, ActorRoute, type RouteEffects, type Verdict } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { ControlPoint } from './control-point.ts';
import type { Core, NamedActor } from './current-core.ts';
import { Decoder, type OwnBuilder } from './decoder.ts';
import { Definitions } from './definitions.ts';
import { Encoder, type OwnValues, Tag } from './encoder.ts';
import { PendingCallsLimitExceededError, SerializationError, TaskError } from './errors.ts';
import type { Link, LinkEvents } from './link.ts';
import { Links } from './links.ts';
import { Continuations, ObjectRef } from './object-ref.ts';
import type { ResolvedActorOptions } from './options.ts';
import { findPassable, revivePassable } from './passable.ts';
import { PendingCall } from './pending-call.ts';
import { type ActorKey, type Batch, type CellKey, countOf, type Form, formOf, headerOf, Kind } from './protocol.ts';
import { presentActor } from './runtime-context.ts';

/** Entries that only the driver or only a worker understands. */
export interface SpecialEntries {
  /** Acts on the entry at `at` and returns where the next one stands. */
  receive(link: Link, batch: Batch, at: number): number;
  /** A link of this thread has closed; its calls have been given back. */
  linkClosed(link: Link): void;
}

export interface CoreOptions {
  readonly runtimeId: string;
  readonly threadId: number;
  readonly clock: Clock;
  readonly isDriver: boolean;
  /** Told when the first call becomes pending and when the last one is settled. */
  readonly onPending?: (isAny: boolean) => void;
  /** Told before a batch is acted on. */
  readonly onReceive?: () => void;
}

/** 2^32 actors of each thread have keys of their own. */
const KEYS_PER_THREAD = 2 ** 32;

export class CoreWorker implements Core, Caller, OwnValues, RouteEffects, LinkEvents {
  readonly definitions = new Definitions();
  readonly encoder: Encoder;
  readonly links: Links;
  readonly #options: CoreOptions;
  readonly #routes = new Map<ActorKey, ActorRoute>();
  readonly #continuations = new Continuations();
  readonly #dirty: Link[] = [];
  #control!: ControlPoint;
  #special!: SpecialEntries;
  #host: ActorHost | undefined;
  #callsMade = 0;
  #actorsMade = 0;
  #pendingCalls = 0;
  #isReceiving = false;
  /** Routes that found no free slot. */
  readonly #starved = new Set<ActorRoute>();

  constructor(options: CoreOptions) {
    this.#options = options;
    this.encoder = new Encoder(this.definitions.shapes, this);
    this.links = new Links(
      options.runtimeId,
      this.definitions,
      (link) => this.#builder(link),
      this,
      options.clock,
      options.isDriver,
    );
  }

  /** The second half of making: who answers for what this core does not decide itself. */
  connect(control: ControlPoint, special: SpecialEntries, host: ActorHost | undefined): void {
    this.#control = control;
    this.#special = special;
    this.#host = host;
  }

  get pendingCalls(): number {
    return this.#pendingCalls;
  }

  // ── What programs ask for ──────────────────────────────────────────────────────────────────────────────

  create(given: ClassDeclaration, args: readonly unknown[], options: ResolvedActorOptions): AnyHandle {
    const declaration = this.definitions.intern(given);
    const actor = this.#options.threadId * KEYS_PER_THREAD + this.#actorsMade++;
    const route = this.#addRoute(identityOf(actor, this.#options.runtimeId, declaration, options), declaration);
    route.isSought = true; // Whoever spawns is told without asking.
    this.#control.spawn({ actor, declaration, options, args, owner: presentActor()?.actor }, route);
    return makeHandle(route, this);
  }

  getActor(name: string, namespace: string | undefined): Promise<AnyHandle> {
    return this.#control.getActor(name, namespace);
  }

  listNamedActors(allNamespaces: boolean): Promise<NamedActor[]> {
    return this.#control.listNamedActors(allNamespaces);
  }

  async kill(handle: unknown, noRestart: boolean): Promise<void> {
    const target = targetOf(handle);
    if (target === undefined) throw new TypeError(`Cannot kill ${String(handle)}: expected an actor handle`);
    await this.#control.kill(target.actor, noRestart);
  }

  release(target: ActorTarget): void {
    this.#control.release(target.actor);
  }

  call(target: ActorTarget, method: number, args: readonly unknown[]): ObjectRef {
    const route = target as ActorRoute;
    const { maxPendingCalls, maxTaskRetries } = route.identity;
    if (route.pending >= maxPendingCalls && maxPendingCalls !== -1)
      throw new PendingCallsLimitExceededError(route.actorId, maxPendingCalls);
    const call = new PendingCall(new ObjectRef(), route, method, this.#callsMade++, maxTaskRetries);
    this.#opened(route);
    if (hasRef(args)) this.#callWithRefs(route, call, args);
    else if (!route.isClear || !this.#sendNew(route, call, args)) this.#enqueueNew(route, call, args);
    return call.ref;
  }

  // ── Making calls ───────────────────────────────────────────────────────────────────────────────────────

  /** Encodes straight into the link's batch. False: no slot is free. */
  #sendNew(route: ActorRoute, call: PendingCall, args: readonly unknown[]): boolean {
    const link = route.link!;
    const slot = link.slots.take(call);
    if (slot === -1) return false;
    const out = link.entry();
    const start = out.length;
    out.push(Kind.Call, slot, route.cell, call.method, 0);
    try {
      const form = this.encoder.encodeAll(args, out, call);
      out[start + 4] = headerOf(args.length, form);
    } catch (error) {
      out.length = start;
      link.slots.release(slot);
      this.#refuse(route, call, error);
      return true;
    }
    link.addBytes(this.encoder.takeBytes());
    call.batch = out;
    call.start = start + 4;
    call.end = out.length;
    route.sent();
    return true;
  }

  #enqueueNew(route: ActorRoute, call: PendingCall, args: readonly unknown[]): void {
    try {
      this.#encodeAside(call, args);
    } catch (error) {
      this.#refuse(route, call, error);
      return;
    }
    if (!route.isSought) {
      route.isSought = true;
      this.#control.locate(route);
    }
    route.enqueue(call);
  }

  #encodeAside(call: PendingCall, args: readonly unknown[]): void {
    const out: Batch = [0];
    const form = this.encoder.encodeAll(args, out, call);
    out[0] = headerOf(args.length, form);
    this.encoder.takeBytes();
    call.batch = out;
    call.start = 0;
    call.end = out.length;
  }

  /** Snapshots the arguments that are no refs now, and puts the values of the others in when all are there. */
  #callWithRefs(route: ActorRoute, call: PendingCall, args: readonly unknown[]): void {
    const refs = args.map((arg) => (arg instanceof ObjectRef ? arg : undefined));
    this.#enqueueSnapshot(
      route,
      call,
      args.map((arg, index) => (refs[index] === undefined ? arg : undefined)),
    );
    if (call.ref.isSettled) return;
    const settled = Promise.all(refs.map((ref) => ref?.toPromise()));
    settled.then(
      (values) => this.#argumentsReady(route, call, refs, values),
      (error) => this.#argumentFailed(route, call, error),
    );
  }

  #enqueueSnapshot(route: ActorRoute, call: PendingCall, args: readonly unknown[]): void {
    call.isReady = false;
    this.#enqueueNew(route, call, args);
  }

  #argumentsReady(
    route: ActorRoute,
    call: PendingCall,
    refs: readonly (ObjectRef | undefined)[],
    values: readonly unknown[],
  ): void {
    if (call.ref.isSettled) return;
    const snapshot = this.#decodeAside(call);
    try {
      this.#encodeAside(
        call,
        snapshot.map((value, index) => (refs[index] === undefined ? value : values[index])),
      );
    } catch (error) {
      route.withdraw(call);
      this.settle(call, false, error);
      return;
    }
    call.isReady = true;
    route.resume();
  }

  #argumentFailed(route: ActorRoute, call: PendingCall, error: unknown): void {
    if (call.ref.isSettled) return;
    route.withdraw(call);
    this.settle(call, false, error);
  }

  #decodeAside(call: PendingCall): unknown[] {
    const decoder = new Decoder([...this.definitions.shapes.keyLists], {
      decodeOwn: (_tag, field) => this.#handleFrom(field as HandleField, this.definitions.classes),
    });
    const header = call.batch[0] as number;
    decoder.batch = call.batch;
    decoder.at = 1;
    return decoder.decodeAll(countOf(header), formOf(header));
  }

  #refuse(route: ActorRoute, call: PendingCall, error: unknown): void {
    if (!(error instanceof SerializationError)) throw error;
    route.withdraw(call);
    this.settle(call, false, error);
  }

  #opened(route: ActorRoute): void {
    route.pending++;
    if (this.#pendingCalls++ === 0) this.#options.onPending?.(true);
  }

  // ── RouteEffects ───────────────────────────────────────────────────────────────────────────────────────

  send(route: ActorRoute, link: Link, call: PendingCall): boolean {
    const slot = link.slots.take(call);
    if (slot === -1) {
      this.#starved.add(route);
      return false;
    }
    const out = link.entry();
    const { batch, start, end } = call;
    call.batch = out;
    call.start = out.length + 4;
    out.push(Kind.Call, slot, route.cell, call.method);
    for (let at = start; at < end; at++) out.push(batch[at]);
    call.end = out.length;
    return true;
  }

  linkTo(threadId: number): Link | undefined {
    const link = this.links.to(threadId);
    return link.isOpen ? link : undefined;
  }

  fail(call: PendingCall, error: Error): void {
    this.settle(call, false, error);
  }

  /** Ends a call. Whoever calls this has taken it out of its slot and its route. */
  settle(call: PendingCall, isValue: boolean, value: unknown): void {
    if (--this.#pendingCalls === 0) this.#options.onPending?.(false);
    ObjectRef.settle(call.ref, isValue, value, this.#isReceiving ? this.#continuations : undefined);
  }

  // ── What arrives ───────────────────────────────────────────────────────────────────────────────────────

  received(link: Link, batch: Batch): void {
    this.#options.onReceive?.();
    this.#isReceiving = true;
    for (let at = 0; at < batch.length; ) at = this.#receive(link, batch, at);
    if (this.#starved.size > 0) this.#feedStarved();
    this.#isReceiving = false;
    this.#continuations.run();
  }

  closed(link: Link): void {
    this.#isReceiving = true;
    const calls = link.slots.drain();
    for (const { call, began } of calls) {
      if (began) call.owner.interrupted(call);
      else call.owner.unbegun(call);
    }
    for (const route of this.#routes.values()) route.linkClosed(link);
    this.#special.linkClosed(link);
    this.#isReceiving = false;
    this.#continuations.run();
  }

  dirty(link: Link): void {
    if (this.#dirty.push(link) === 1) process.nextTick(this.#flush);
  }

  /** Verdicts of the driver on an actor that this thread knows. */
  judged(actor: ActorKey, verdict: Verdict): void {
    const before = this.#isReceiving;
    this.#isReceiving = true;
    const route = this.#routes.get(actor);
    route?.judged(verdict);
    if (route?.isDead) this.#routes.delete(actor); // Its handles know on their own that it is dead.
    this.#isReceiving = before;
    if (!before) queueMicrotask(() => this.#continuations.run());
  }

  /** Ends every call that is not settled: the runtime closes, no answer will come. */
  abandon(cause: unknown): void {
    for (const route of [...this.#routes.values()]) this.judged(route.actor, { kind: 'dead', cause });
  }

  /** The handle of an actor that another thread told of. */
  handleOf(identity: ActorIdentity, declaration: ClassDeclaration): AnyHandle {
    const route = this.#routes.get(identity.actor) ?? this.#addRoute(identity, this.definitions.intern(declaration));
    return makeHandle(route, this);
  }

  routeOf(actor: ActorKey): ActorRoute | undefined {
    return this.#routes.get(actor);
  }

  encodeOwn(value: object): { readonly tag: number; readonly field: unknown } | undefined {
    const target = targetOf(value);
    if (target !== undefined) return { tag: Tag.Handle, field: this.#handleField(target as ActorRoute) };
    const passable = findPassable(value);
    if (passable !== undefined) {
      const behind = targetOf(passable.handle) as ActorRoute;
      return { tag: Tag.Handle, field: { ...this.#handleField(behind), passable: passable.name } };
    }
    if (value instanceof ObjectRef)
      throw new TypeError('an ObjectRef inside a value cannot be sent; pass it as an argument of its own');
    return undefined;
  }

  #handleField({ identity, declaration }: ActorRoute): HandleField {
    return { identity, classNumber: this.definitions.numberOf(declaration) };
  }

  #builder(link: Link): OwnBuilder {
    return { decodeOwn: (_tag, field) => this.#handleFrom(field as HandleField, link.peerClasses) };
  }

  #handleFrom(field: HandleField, classes: readonly ClassDeclaration[]): object {
    const handle = this.handleOf(field.identity, classes[field.classNumber]!);
    return field.passable === undefined ? handle : revivePassable(field.passable, handle);
  }

  #addRoute(identity: ActorIdentity, declaration: ClassDeclaration): ActorRoute {
    const route = new ActorRoute(identity, declaration, this);
    this.#routes.set(identity.actor, route);
    return route;
  }

  readonly #flush = (): void => {
    const links = this.#dirty.splice(0);
    for (let i = 0; i < links.length; i++) links[i]!.flush();
  };

  #feedStarved(): void {
    const starved = [...this.#starved];
    this.#starved.clear();
    for (const route of starved) route.resume();
  }

  #receive(link: Link, batch: Batch, at: number): number {
    const kind = batch[at] as Kind;
    switch (kind) {
      case Kind.Call:
        return this.#receiveCall(link, batch, at);
      case Kind.CodedResult:
        return this.#receiveResult(link, batch, at);
      case Kind.Result:
        this.#answer(link, batch[at + 1] as number, true, batch[at + 2]);
        return at + 3;
      case Kind.Failure:
        return this.#receiveFailure(link, batch, at);
      case Kind.Interrupted:
      case Kind.Unbegun: {
        const call = link.slots.release(batch[at + 1] as number);
        if (call !== undefined) kind === Kind.Unbegun ? call.owner.unbegun(call) : call.owner.interrupted(call);
        return at + 2;
      }
      case Kind.Shape: {
        const end = at + 3 + (batch[at + 2] as number);
        (link.decoder.shapes as (readonly string[])[])[batch[at + 1] as number] = batch.slice(at + 3, end) as string[];
        return end;
      }
      case Kind.Class:
        link.peerClasses[batch[at + 1] as number] = this.definitions.intern(batch[at + 2] as ClassDeclaration);
        return at + 3;
      default:
        return this.#special.receive(link, batch, at);
    }
  }

  #receiveCall(link: Link, batch: Batch, at: number): number {
    const header = batch[at + 4] as number;
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 5;
    const args = decoder.decodeAll(countOf(header), formOf(header));
    const end = decoder.at;
    this.#host!.call(batch[at + 2] as CellKey, {
      link,
      slot: batch[at + 1] as number,
      method: batch[at + 3] as number,
      args,
    });
    return end;
  }

  #receiveResult(link: Link, batch: Batch, at: number): number {
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 3;
    const value = decoder.decodeOne(batch[at + 2] as Form);
    const end = decoder.at;
    this.#answer(link, batch[at + 1] as number, true, value);
    return end;
  }

  #receiveFailure(link: Link, batch: Batch, at: number): number {
    const call = link.slots.release(batch[at + 1] as number);
    if (call !== undefined) {
      const error = decodeThrown(batch[at + 3] as EncodedThrown);
      call.owner.answered(call);
      this.settle(call, false, batch[at + 2] === true ? error : taskError(call.description, error));
    }
    return at + 4;
  }

  #answer(link: Link, slot: number, isValue: boolean, value: unknown): void {
    const call = link.slots.release(slot);
    if (call === undefined) return;
    call.owner.answered(call);
    this.settle(call, isValue, value);
  }
}

interface HandleField {
  readonly identity: ActorIdentity;
  readonly classNumber: number;
  /** What stands over the handle, if anything: see `passable.ts`. */
  readonly passable?: string;
}

function identityOf(
  actor: ActorKey,
  runtimeId: string,
  declaration: ClassDeclaration,
  options: ResolvedActorOptions,
): ActorIdentity {
  return {
    actor,
    actorId: `actor_${runtimeId.slice(runtimeId.indexOf('_') + 1)}_${actor.toString(36)}`,
    maxPendingCalls: options.maxPendingCalls,
    maxTaskRetries: options.maxTaskRetries,
    failFast: options.failFast,
    isConcurrent: options.maxConcurrency > 1 || (options.maxConcurrency === 0 && declaration.isAsync),
  };
}

function hasRef(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg === 'object' && arg instanceof ObjectRef) return true;
  }
  return false;
}

/** One `TaskError` however many hops: what failed first is the cause. */
function taskError(task: string, thrown: unknown): TaskError {
  return thrown instanceof TaskError ? new TaskError(task, thrown.cause) : new TaskError(task, thrown);
}
