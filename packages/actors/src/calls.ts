/**
 * Makes calls in one thread and settles them: encodes, sends, cancels, and tells the refs what came of it.
 */
import type { ActorRoute, RouteEffects } from './actor-route.ts';
import { CallSite } from './call-site.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { type AsideBuilder, Decoder, type LocalBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import { checkNotEncoding, type Encoder, leaveAll, letGoAll } from './encoder.ts';
import type { Envelope } from './envelope.ts';
import { PendingCallsLimitExceededError, SerializationError, TaskCancelledError } from './errors.ts';
import type { Link } from './link.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import { Continuations, ObjectRef, type Readable } from './object-ref.ts';
import { ItemStream, ObjectRefGenerator, type StreamEffects } from './object-ref-generator.ts';
import { type CallQueue, PendingCall } from './pending-call.ts';
import { callerIn } from './pending-counts.ts';
import {
  type ActorKey,
  type Batch,
  type CellKey,
  callWordOf,
  countOf,
  Form,
  formOf,
  headerOf,
  headOf,
  Kind,
} from './protocol.ts';
import { presentEnvelope } from './runtime-context.ts';
import type { TaskLog } from './task-log.ts';
import type { ResolvedTaskOptions } from './task-options.ts';
import { Step } from './task-trace.ts';
import type { Telemetry } from './telemetry.ts';

export interface CallsParts {
  readonly encoder: Encoder;
  readonly definitions: Definitions;
  readonly own: LocalBuilder;
  readonly actorIdOf: (actor: ActorKey) => string;
  readonly linkTo: (threadId: number) => Link | undefined;
  readonly locate: (route: ActorRoute) => void;
  readonly idle: (route: ActorRoute) => void;
  readonly log: TaskLog;
  readonly telemetry: Telemetry | undefined;
  /** Told when the first call becomes pending and when the last one is settled. */
  readonly onPending: ((isAny: boolean) => void) | undefined;
}

/** Where a call goes that is sent now. */
interface Route {
  readonly cell: CellKey;
  /** A slot is free again. */
  resume(): void;
}

/** Where a new call may be written straight into the link's batch. */
interface OpenRoute extends Route {
  readonly link: Link | undefined;
  /** The call has been given a slot. */
  sent(call: PendingCall): void;
}

/** A line of tasks, some of whose new ones need not wait. */
interface TaskLine extends CallQueue {
  leaseFor(call: PendingCall): OpenRoute | undefined;
}

/** So many tasks one thread may have that are not settled. (Ray: any number.) */
const TASKS_MAX = 1_000_000;

/** How many items a generator may be ahead unless told otherwise. */
const DEFAULT_WINDOW = 10_000;

/** What a call returns: a ref, several, or nothing, by `numReturns`; of a generator, its items. */
export type CallResult = ObjectRef | ObjectRef[] | ObjectRefGenerator | undefined;

const NO_REFS: readonly ObjectRef[] = [];

export class Calls implements RouteEffects {
  readonly #parts: CallsParts;
  readonly #continuations = new Continuations();
  /** Routes that found no free slot. */
  readonly #starved = new Set<Route>();
  #made = 0;
  #pending = 0;
  #isReceiving = false;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  get pending(): number {
    return this.#pending;
  }

  call(
    route: ActorRoute,
    method: number,
    args: readonly unknown[],
    given: ResolvedMethodOptions | undefined,
  ): CallResult {
    checkNotEncoding(this.#parts.encoder, 'call an actor');
    const { maxPendingCalls } = route.terms;
    const parent = presentEnvelope();
    const count = route.countOf(callerIn(parent));
    if (count.pending >= maxPendingCalls && maxPendingCalls !== -1)
      throw new PendingCallsLimitExceededError(`actor "${route.actorId}"`, maxPendingCalls);
    const options = route.optionsOf(method, given);
    const retries = options.maxTaskRetries ?? route.terms.maxTaskRetries;
    const call = this.#open(route, route.declaration, method, options, retries, parent);
    call.count = count;
    count.pending++;
    if (!hasRef(args)) this.#callWithValues(route, call, args);
    else {
      this.seek(route);
      this.#callWithRefs(route, call, args);
    }
    return resultOf(call);
  }

  /** Puts a task in line: a call that any thread of the pool may run. */
  submit(
    queue: TaskLine,
    declaration: ClassDeclaration,
    args: readonly unknown[],
    { method, maxRetries }: ResolvedTaskOptions,
  ): CallResult {
    const { definitions, encoder } = this.#parts;
    checkNotEncoding(encoder, 'call a function');
    if (queue.pending >= TASKS_MAX)
      throw new PendingCallsLimitExceededError(
        `function "${declaration.name}"`,
        TASKS_MAX,
        'the most one thread may have',
      );
    const call = this.#open(
      queue,
      declaration,
      definitions.numberOf(declaration),
      method,
      maxRetries,
      presentEnvelope(),
    );
    if (hasRef(args)) this.#callWithRefs(queue, call, args);
    else {
      const lease = queue.leaseFor(call);
      if (lease === undefined || !this.#sendNew(lease, queue, call, args)) this.#enqueueNew(queue, call, args);
    }
    return resultOf(call);
  }

  /** Cancels the call that is to settle `ref`; a ref that is settled stays as it is. */
  cancel(ref: ObjectRef | ObjectRefGenerator, force: boolean, recursive: boolean): void {
    const call = ref instanceof ObjectRefGenerator ? ObjectRefGenerator.streamOf(ref).origin : ref.origin;
    if (!(call instanceof PendingCall)) return;
    if (force && call.declaration.isFunction !== true)
      throw new RangeError(
        `Cannot cancel ${call.description} with force true: an actor call has no worker of its own to end`,
      );
    call.owner.cancel(call, recursive, force);
  }

  /** Has this thread told where the actor lives and when it is dead, if that was not asked for before. */
  seek(route: ActorRoute): void {
    if (route.isSought) return;
    route.isSought = true;
    this.#parts.locate(route);
  }

  /** Runs `act`, in which calls may be settled, and then what waited for them: the bottom of the stack. */
  receiving(act: () => void): void {
    this.beginReceiving();
    act();
    this.endReceiving();
  }

  beginReceiving(): void {
    this.#isReceiving = true;
  }

  endReceiving(): void {
    if (this.#starved.size > 0) this.#feedStarved();
    this.#isReceiving = false;
    this.#continuations.run();
  }

  // ── RouteEffects ───────────────────────────────────────────────────────────────────────────────────────

  send(route: Route, link: Link, call: PendingCall): boolean {
    if (link.isWire && !call.isForWire && !this.#encodeForWire(call)) return true;
    const slot = link.slots.take(call);
    if (slot === -1) {
      this.#starved.add(route);
      return false;
    }
    const { batch, start, end } = call;
    const out = link.entry();
    this.#pushHead(out, route, link, call, slot);
    const begin = out.push(callWordOf(call.method, batch[start] as number)) - 1;
    for (let at = start + 1; at < end; at++) out.push(batch[at]);
    keepFields(call, out, begin);
    if (call.parcels.length > 0) this.#leaveAgain(call, call.start - start);
    link.addTransfers(call.transfers);
    return true;
  }

  #leaveAgain(call: PendingCall, offset: number): void {
    call.parcels = call.parcels.map(({ at, parcel }) => ({ at: at + offset, parcel }));
    leaveAll(call.parcels, call.batch);
  }

  actorIdOf(actor: ActorKey): string {
    return this.#parts.actorIdOf(actor);
  }

  linkTo(threadId: number): Link | undefined {
    return this.#parts.linkTo(threadId);
  }

  idle(route: ActorRoute): void {
    this.#parts.idle(route);
  }

  cancelSent(route: Route, call: PendingCall, recursive: boolean): void {
    const { link, slot } = call;
    if (!link?.isOpen) return;
    link.slots.cancel(slot);
    link.entry().push(headOf(Kind.Cancel, slot), route.cell, recursive);
  }

  /** Settles a ref that is no call's. */
  settleRef(ref: ObjectRef, isValue: boolean, value: unknown): void {
    ObjectRef.settle(ref, isValue, value, this.#isReceiving ? this.#continuations : undefined);
  }

  settleStored(ref: ObjectRef, value: Readable): void {
    ObjectRef.settleStored(ref, value, this.#isReceiving ? this.#continuations : undefined);
  }

  /** Ends a call, once. Whoever calls this has taken it out of its slot and its route. */
  settle(call: PendingCall, isValue: boolean, value: unknown): void {
    if (call.isSettled) return;
    call.isSettled = true;
    call.parent?.children.delete(call);
    if (call.parcels.length > 0) letGoAll(call.parcels);
    if (call.trace !== undefined) this.#endTrace(call.trace, isValue, value);
    call.span?.end(isValue ? undefined : value);
    if (!isValue) call.site?.showIn(value);
    if (--this.#pending === 0) this.#parts.onPending?.(false);
    const continuations = this.#isReceiving ? this.#continuations : undefined;
    const { ref, refs, stream } = call;
    if (stream !== undefined) stream.end(isValue, value);
    if (ref !== undefined) {
      ObjectRef.settle(ref, isValue, value, continuations);
      return;
    }
    const isSplit = isValue && Array.isArray(value) && value.length === refs.length;
    const failure = isValue && !isSplit ? wrongCount(call, value) : value;
    for (let i = 0; i < refs.length; i++)
      ObjectRef.settle(refs[i]!, isSplit, isSplit ? (value as unknown[])[i] : failure, continuations);
  }

  #endTrace(trace: number, isValue: boolean, value: unknown): void {
    const { log } = this.#parts;
    if (isValue) log.step(trace, Step.Finished);
    else if (value instanceof TaskCancelledError) log.step(trace, Step.Cancelled);
    else log.step(trace, Step.Failed, -1, value instanceof Error ? `${value.name}: ${value.message}` : String(value));
  }

  // ── Making a call ──────────────────────────────────────────────────────────────────────────────────────

  #open(
    queue: CallQueue,
    declaration: ClassDeclaration,
    method: number,
    options: ResolvedMethodOptions,
    retries: number,
    parent: Envelope | undefined,
  ): PendingCall {
    const { numReturns } = options;
    const stream = this.#streamOf(declaration, method, options);
    const count = stream === undefined ? (numReturns ?? 1) : 0;
    const isOne = count === 1;
    const ref = isOne ? new ObjectRef() : undefined;
    const refs = isOne || count === 0 ? NO_REFS : Array.from({ length: count }, () => new ObjectRef());
    const call = new PendingCall(
      { ref, refs, stream, owner: queue, declaration, method, order: this.#made++, options, parent },
      retries,
    );
    if (stream !== undefined) stream.effects = this.#streamEffects(call);
    else if (ref !== undefined) this.#name(ref, call);
    else for (const each of refs) this.#name(each, call);
    parent?.children.add(call);
    if (this.#parts.log.keepsStacks) call.site = new CallSite();
    call.span = this.#parts.telemetry?.call(call.description);
    if (this.#parts.log.traces(declaration)) call.trace = this.#trace(call, queue);
    queue.pending++;
    if (this.#pending++ === 0) this.#parts.onPending?.(true);
    return call;
  }

  #name(ref: ObjectRef, call: PendingCall): void {
    ref.origin = call;
    ref.task = call.order;
  }

  #trace(call: PendingCall, queue: CallQueue): number {
    const { order, declaration, method, parent } = call;
    const name = parent && { owner: parent.link.peer, order: parent.order };
    return this.#parts.log.begin(order, declaration, method, queue.actorId, name);
  }

  #streamOf(declaration: ClassDeclaration, method: number, options: ResolvedMethodOptions): ItemStream | undefined {
    const { generators } = declaration;
    if (generators.length === 0) return undefined;
    const name = declaration.isFunction ? declaration.methods[0]! : declaration.methods[method]!;
    if (!generators.includes(name)) return undefined;
    if (options.numReturns !== undefined)
      throw new TypeError(
        `Cannot call generator "${name}" with numReturns ${options.numReturns}: its items come as a stream`,
      );
    return new ItemStream(options.generatorBackpressure ?? DEFAULT_WINDOW);
  }

  #streamEffects(call: PendingCall): StreamEffects {
    return {
      origin: call,
      settle: (ref, isValue, value) => this.settleRef(ref, isValue, value),
      cancel: () => call.owner.cancel(call, true),
      taken: (count) => {
        if (call.link?.isOpen) call.link.entry().push(headOf(Kind.Take, call.slot), count);
      },
    };
  }

  /** Encodes straight into the link's batch. False: no slot is free. */
  #sendNew(route: OpenRoute, queue: CallQueue, call: PendingCall, args: readonly unknown[]): boolean {
    const link = route.link!;
    const slot = link.slots.take(call);
    if (slot === -1) return false;
    const { encoder } = this.#parts;
    const out = link.entry();
    const begin = out.length;
    this.#pushHead(out, route, link, call, slot);
    const start = out.push(0) - 1;
    let form: Form = Form.Plain;
    try {
      form = encoder.encodeAll(args, out, call, 'argument', link.isWire);
    } catch (error) {
      out.length = begin;
      link.slots.release(slot);
      call.link = undefined;
      this.#refuse(queue, call, error);
      return true;
    }
    out[start] = callWordOf(call.method, headerOf(args.length, form));
    link.addBytes(encoder.takeBytes());
    if (form !== Form.Plain) this.#keepHeld(link, call, out);
    call.isForWire = link.isWire;
    keepFields(call, out, start);
    route.sent(call);
    return true;
  }

  /** Only arguments that are no primitives hold handles or refs, and move binary data. */
  #keepHeld(link: Link, call: PendingCall, out: Batch): void {
    this.#keepParcels(call);
    this.#noteMoved(call);
    link.addTransfers(call.transfers);
    leaveAll(call.parcels, out);
  }

  /** The handles and refs inside the arguments live until the call is settled: it may be sent again. */
  #keepParcels(call: PendingCall): void {
    const before = call.parcels;
    const parcels = this.#parts.encoder.takeParcels();
    if (parcels.length > 0 || before.length > 0) call.parcels = parcels;
    if (before.length > 0) letGoAll(before);
  }

  /** What was moved into the call is gone once it is sent: it cannot be sent twice. */
  #noteMoved(call: PendingCall): void {
    const transfers = this.#parts.encoder.takeTransfers(call.retriesLeft === 0 && call.owner.sendsOnce);
    if (transfers.length === 0) return;
    call.transfers = transfers;
    call.retriesLeft = 0;
  }

  /** All of the entry that stands before the call word. */
  #pushHead(out: Batch, route: Route, link: Link, call: PendingCall, slot: number): void {
    call.link = link;
    call.slot = slot;
    link.setOrder(slot, call.order);
    if (call.trace !== undefined) this.#parts.log.step(call.trace, Step.Sent, link.peer);
    const { stream } = call;
    const group = call.options.concurrencyGroup;
    if (call.span !== undefined) out.push(Kind.Carrier, call.span.carrier);
    if (stream !== undefined) {
      stream.begin();
      out.push(headOf(Kind.Stream, slot), route.cell, group, stream.window);
    } else if (group === undefined) out.push(headOf(Kind.Call, slot), route.cell);
    else out.push(headOf(Kind.CallWith, slot), route.cell, group);
  }

  #enqueueNew(queue: CallQueue, call: PendingCall, args: readonly unknown[]): void {
    try {
      this.#encodeAside(call, args);
    } catch (error) {
      this.#refuse(queue, call, error);
      return;
    }
    queue.enqueue(call);
  }

  #encodeAside(call: PendingCall, args: readonly unknown[], isWire = false): void {
    const { encoder } = this.#parts;
    const out: Batch = [0];
    out[0] = headerOf(args.length, encoder.encodeAll(args, out, call, 'argument', isWire));
    this.#keepParcels(call);
    encoder.takeBytes();
    this.#noteMoved(call);
    call.isForWire = isWire;
    keepFields(call, out, 0);
  }

  /**
   * The call was encoded before it was known that its actor lives in another process: what only threads can share
   * is found now. False: there is such, and the call is settled.
   */
  #encodeForWire(call: PendingCall): boolean {
    try {
      if (formOf(call.batch[call.start] as number) === Form.Plain) return true;
      using own = this.#parts.own.aside();
      this.#encodeAside(call, this.#decodeAside(call, own), true);
      return true;
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      call.owner.refused(call);
      this.settle(call, false, error);
      return false;
    }
  }

  #callWithValues(route: ActorRoute, call: PendingCall, args: readonly unknown[]): void {
    if (route.isClear && this.#sendNew(route, route, call, args)) return;
    this.seek(route);
    this.#enqueueNew(route, call, args);
  }

  /** Snapshots the arguments that are no refs now, and puts the values of the others in when all are there. */
  #callWithRefs(queue: CallQueue, call: PendingCall, args: readonly unknown[]): void {
    const refs = args.map((arg) => (ObjectRef.isRef(arg) ? arg : undefined));
    if (refs.every(isThere)) {
      const values = args.map((arg) => (ObjectRef.isRef(arg) ? ObjectRef.valueOf(arg) : arg));
      this.#enqueueNew(queue, call, values);
      return;
    }
    call.isReady = false;
    const present = args.map((arg, index) => (refs[index] === undefined ? arg : undefined));
    this.#enqueueNew(queue, call, present);
    if (call.isSettled) return;
    settlingOf(refs).then(
      (values) => this.#argumentsReady(queue, call, refs, values),
      (error) => this.#giveUp(queue, call, error),
    );
  }

  #argumentsReady(
    queue: CallQueue,
    call: PendingCall,
    refs: readonly (ObjectRef | undefined)[],
    values: readonly unknown[],
  ): void {
    if (call.isSettled) return;
    using own = this.#parts.own.aside();
    const snapshot = this.#decodeAside(call, own);
    const args = snapshot.map((value, index) => (refs[index] === undefined ? value : values[index]));
    try {
      this.#encodeAside(call, args);
    } catch (error) {
      this.#giveUp(queue, call, error);
      return;
    }
    call.isReady = true;
    if (call.trace !== undefined) this.#parts.log.step(call.trace, Step.Resolved);
    queue.ready(call);
  }

  #decodeAside(call: PendingCall, own: AsideBuilder): unknown[] {
    const decoder = new Decoder([...this.#parts.definitions.shapes.keyLists], own);
    const header = call.batch[call.start] as number;
    decoder.batch = call.batch;
    decoder.at = call.start + 1;
    return decoder.decodeAll(countOf(header), formOf(header));
  }

  #refuse(queue: CallQueue, call: PendingCall, error: unknown): void {
    if (!(error instanceof SerializationError)) throw error;
    this.#giveUp(queue, call, error);
  }

  #giveUp(queue: CallQueue, call: PendingCall, error: unknown): void {
    if (call.isSettled) return;
    queue.withdraw(call);
    this.settle(call, false, error);
  }

  #feedStarved(): void {
    const starved = [...this.#starved];
    this.#starved.clear();
    for (const route of starved) route.resume();
  }
}

/** What was released fails the call like any ref that has failed, and so not before there is one. */
const isThere = (ref: ObjectRef | undefined): boolean =>
  ref === undefined || (ref.isSettled && !ref.isReleased && ref.failure === undefined);

/** The values of the refs, each in its place; a place without a ref stays empty. The task that made the call does not wait. */
function settlingOf(refs: readonly (ObjectRef | undefined)[]): Promise<unknown[]> {
  return Promise.all(
    refs.map(
      (ref) =>
        ref &&
        new Promise((resolve, reject) => {
          ref.whenOutcome((value) => resolve([value]), reject); // In a list: the value may look like a promise.
        }),
    ),
  ).then((boxes) => boxes.map((box) => (box as unknown[] | undefined)?.[0]));
}

function hasRef(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) if (ObjectRef.isRef(args[i])) return true;
  return false;
}

function resultOf({ ref, refs, stream }: PendingCall): CallResult {
  if (stream !== undefined) return new ObjectRefGenerator(stream);
  if (ref !== undefined) return ref;
  return refs.length === 0 ? undefined : [...refs];
}

function wrongCount(call: PendingCall, value: unknown): Error {
  const got = Array.isArray(value) ? `a list of ${value.length}` : `no list but ${typeof value}`;
  return new RangeError(`Cannot split the result of ${call.description} into ${call.refs.length}: it returned ${got}`);
}

const NO_ARGUMENTS: Batch = [headerOf(0, Form.Plain)];

/** Where the call's fields stand. One without arguments, which may wait for days, does not hold the batch it left in. */
function keepFields(call: PendingCall, out: Batch, start: number): void {
  const isBare = out.length === start + 1 && countOf(out[start] as number) === 0;
  call.batch = isBare ? NO_ARGUMENTS : out;
  call.start = isBare ? 0 : start;
  call.end = isBare ? 1 : out.length;
}
