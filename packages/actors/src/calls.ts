/**
 * Makes calls in one thread and settles them: encodes, sends, cancels, and tells the refs what came of it.
 */
import type { ActorRoute, RouteEffects } from './actor-route.ts';
import { areValues, hasRef, refsAmong, settlingOf, withValues } from './argument-refs.ts';
import { type CallResult, resultOf, settleResult, streamOf } from './call-result.ts';
import { CallSite } from './call-site.ts';
import { CallWriter, type CallWriterParts } from './call-writer.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { checkNotEncoding } from './encoder.ts';
import type { Envelope } from './envelope.ts';
import { PendingCallsLimitExceededError, SerializationError, TaskCancelledError } from './errors.ts';
import type { Link } from './link.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import { Continuations, ObjectRef, type Readable } from './object-ref.ts';
import { ObjectRefGenerator, type StreamEffects } from './object-ref-generator.ts';
import { letGoAll } from './parcel.ts';
import { type CallQueue, PendingCall } from './pending-call.ts';
import { callerIn } from './pending-counts.ts';
import { type ActorKey, type CellKey, headOf, Kind } from './protocol.ts';
import { presentEnvelope } from './runtime-context.ts';
import type { ResolvedTaskOptions } from './task-options.ts';
import { Step } from './task-trace.ts';
import type { Telemetry } from './telemetry.ts';

export interface CallsParts extends CallWriterParts {
  readonly actorIdOf: (actor: ActorKey) => string;
  readonly linkTo: (threadId: number) => Link | undefined;
  readonly locate: (route: ActorRoute) => void;
  readonly idle: (route: ActorRoute) => void;
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

const NO_REFS: readonly ObjectRef[] = [];

export class Calls implements RouteEffects {
  readonly #parts: CallsParts;
  readonly #writer: CallWriter;
  readonly #continuations = new Continuations();
  /** Routes that found no free slot. */
  readonly #starved = new Set<Route>();
  #made = 0;
  #pending = 0;
  #isReceiving = false;

  constructor(parts: CallsParts) {
    this.#parts = parts;
    this.#writer = new CallWriter(parts);
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
    const isSent = this.#writer.writeKept(link, route.cell, call);
    if (!isSent) this.#starved.add(route);
    return isSent;
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
    settleResult(call, isValue, value, this.#isReceiving ? this.#continuations : undefined);
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
    const stream = streamOf(declaration, method, options);
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

  /** Straight into the link's batch. False: no slot is free. */
  #sendNew(route: OpenRoute, queue: CallQueue, call: PendingCall, args: readonly unknown[]): boolean {
    try {
      if (!this.#writer.writeNew(route.link!, route.cell, call, args)) return false;
    } catch (error) {
      this.#refuse(queue, call, error);
      return true;
    }
    route.sent(call);
    return true;
  }

  #enqueueNew(queue: CallQueue, call: PendingCall, args: readonly unknown[]): void {
    try {
      this.#writer.encodeAside(call, args);
    } catch (error) {
      this.#refuse(queue, call, error);
      return;
    }
    queue.enqueue(call);
  }

  /** False: the call, encoded before its actor's place was known, cannot go to another process, and is settled. */
  #encodeForWire(call: PendingCall): boolean {
    try {
      this.#writer.encodeForWire(call);
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
    const refs = refsAmong(args);
    if (areValues(refs)) {
      this.#enqueueNew(queue, call, withValues(args));
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
    try {
      this.#writer.encodeAgain(call, (args) =>
        args.map((value, index) => (refs[index] === undefined ? value : values[index])),
      );
    } catch (error) {
      this.#giveUp(queue, call, error);
      return;
    }
    call.isReady = true;
    if (call.trace !== undefined) this.#parts.log.step(call.trace, Step.Resolved);
    queue.ready(call);
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
