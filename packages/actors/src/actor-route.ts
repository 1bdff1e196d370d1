/**
 * The way from one thread to one actor, across all its incarnations, and the calls on it.
 *
 *                    1               2
 *      (handle) ──▶ SEEKING ──▶ OPEN ──▶ SEEKING        4
 *                      └──────────┴────────────────────▶ CLOSED
 *
 * 1. The first call of a handle that came from elsewhere asks the driver where the actor lives; the thread
 *    that made the actor is told without asking. 2. A call came back unbegun or interrupted, the link closed,
 *    or the driver said that the actor restarts: its incarnation is over. 4. The driver said that it is dead.
 *
 * Order: a route sends to one incarnation at a time and turns to the next only when nothing is in flight, that
 * is, when every call it sent has been answered, has come back, or was lost with its link. What came back goes
 * before what waits, by the order in which it was called; so calls begin in the order they were made, whatever
 * dies, and the answers that were sent before a death are taken first.
 */
import { quote } from '@heddle/base';
import type { ActorTarget } from './actor-handle.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import {
  ActorAlreadyExistsError,
  ActorDiedError,
  ActorUnavailableError,
  TaskCancelledError,
  taskError,
} from './errors.ts';
import { HandleCount, type Holding } from './handle-count.ts';
import type { Link } from './link.ts';
import { isRetried, type ResolvedMethodOptions } from './method-options.ts';
import type { CallQueue, PendingCall } from './pending-call.ts';
import { type Caller, callerIn, type PendingCount, PendingCounts } from './pending-counts.ts';
import type { ActorKey, CellKey } from './protocol.ts';
import { RouteTrouble, type StrandedCalls } from './route-trouble.ts';
import type { Verdict } from './verdict.ts';

/** What callers must know of an actor: the same object for all that were asked for in one way. */
export interface ActorTerms {
  readonly maxPendingCalls: number;
  readonly maxTaskRetries: number;
  /** Whether calls may overtake one whose arguments are not ready. */
  readonly isConcurrent: boolean;
  /** Whether calls made while the actor restarts fail at once. */
  readonly failFast: boolean;
  /** The concurrency groups it declares. */
  readonly groups: readonly string[];
  /** A detached actor lives without handles: nobody counts them. */
  readonly isDetached: boolean;
  /** Its first incarnation is its last. */
  readonly neverRestarts?: boolean;
  /** The id, where it does not follow from the key: it had it in an earlier runtime, or another thread has told. */
  readonly actorId?: string;
}

/** What a handle carries from thread to thread beside the class. */
export interface ActorIdentity extends ActorTerms {
  readonly actor: ActorKey;
  readonly actorId: string;
}

export interface RouteEffects {
  /** The id of an actor that has none from an earlier runtime. */
  actorIdOf(actor: ActorKey): string;
  /** Sends the call now, or settles it if it cannot be sent. False: the link has no slot left; `resume` will be called when it has. */
  send(route: ActorRoute, link: Link, call: PendingCall): boolean;
  linkTo(threadId: number): Link | undefined;
  /** Tells the host of a call that was sent that it is not wanted any more. */
  cancelSent(route: ActorRoute, call: PendingCall, recursive: boolean): void;
  settle(call: PendingCall, isValue: boolean, value: unknown): void;
  /** This thread has no handle of the actor any more and no call to it. */
  idle(route: ActorRoute): void;
}

const NO_OPTIONS: ResolvedMethodOptions = {};

/** Of all routes on which no call waits: most, and nothing is ever added to it. */
const NONE: PendingCall[] = [];

export class ActorRoute implements ActorTarget, CallQueue {
  readonly actor: ActorKey;
  readonly terms: ActorTerms;
  readonly declaration: ClassDeclaration;
  readonly #effects: RouteEffects;
  /** Where the present incarnation lives; undefined while SEEKING or CLOSED. */
  link: Link | undefined;
  cell: CellKey = -1;
  /** Whether the driver knows that this thread wants to be told where the actor lives. */
  isSought = false;
  /** The handles of this thread that keep the actor alive. */
  handles = HandleCount.NONE;
  /** Calls not settled: waiting or in flight. */
  pending = 0;
  /** The same by caller, while there are any. */
  #counts: PendingCounts | undefined;
  #inFlight = 0;
  #waiting = NONE;
  #trouble: RouteTrouble | undefined;
  #death: { readonly cause: unknown } | undefined;

  constructor(actor: ActorKey, terms: ActorTerms, declaration: ClassDeclaration, effects: RouteEffects) {
    this.actor = actor;
    this.terms = terms;
    this.declaration = declaration;
    this.#effects = effects;
  }

  get sendsOnce(): boolean {
    return this.terms.neverRestarts === true;
  }

  get actorId(): string {
    return this.terms.actorId ?? this.#effects.actorIdOf(this.actor);
  }

  /** What crosses to another thread with a handle. */
  get identity(): ActorIdentity {
    return { ...this.terms, actor: this.actor, actorId: this.actorId };
  }

  /** Calls `listener` once when the actor is dead, at once if it is. */
  whenDead(listener: (cause: unknown) => void): void {
    if (this.#death !== undefined) listener(this.#death.cause);
    else this.#inTrouble().watchers.push(listener);
  }

  /** A handle was released or collected. */
  dropped(): void {
    this.handles = this.handles.dropped();
    if (this.pending === 0) this.#letGo();
  }

  /** How far this thread holds on to the actor, for a census. */
  holding(): Holding {
    const isBusy = this.pending > 0;
    if (isBusy) this.handles = this.handles.owing();
    return this.handles.holding(isBusy);
  }

  /** No call is pending: perhaps no handle is left either. */
  #letGo(): void {
    const { handles } = this;
    if (handles.isHeld || !handles.owesWord || this.isDead) return;
    this.handles = handles.told();
    this.#effects.idle(this);
  }

  /** What that caller has pending. */
  countOf(caller: Caller): PendingCount {
    this.#counts ??= new PendingCounts();
    return this.#counts.of(caller);
  }

  get isDead(): boolean {
    return this.#death !== undefined;
  }

  /** Whether this route is one of these calls' thread and runtime. */
  isOf(effects: RouteEffects): boolean {
    return this.#effects === effects;
  }

  /** Whether a call made now may go straight to `link`: the actor's place is known and nothing waits before it. */
  get isClear(): boolean {
    return this.link !== undefined && this.#waiting.length === 0;
  }

  /** A call has been given a slot. */
  sent(): void {
    this.#inFlight++;
  }

  /** Puts a call, encoded in arrays of its own, behind those that wait. */
  enqueue(call: PendingCall): void {
    if (this.#death !== undefined) {
      this.#fail(call, false, this.#death.cause);
      return;
    }
    if (this.#trouble?.isRestarting && this.terms.failFast) {
      this.#refuse(call);
      return;
    }
    const before = this.#waiting.at(-1);
    this.#wait(call);
    if (before === undefined || !this.#holdsBack(before, call)) this.resume();
  }

  #wait(call: PendingCall): void {
    if (this.#waiting === NONE) this.#waiting = [];
    this.#waiting.push(call);
  }

  #takeWaiting(): PendingCall[] {
    const waiting = this.#waiting;
    this.#waiting = NONE;
    return waiting;
  }

  ready(): void {
    this.resume();
  }

  /**
   * Sends what waits, as far as order, readiness and slots allow. A call that is not ready holds back the later
   * ones of its caller, and at a concurrent actor nobody.
   */
  resume(): void {
    const { link } = this;
    if (link === undefined || this.#waiting.length === 0) return;
    let kept = NONE;
    let heldCallers: Set<Caller> | undefined;
    let isStarved = false;
    for (const call of this.#waiting) {
      if (!isStarved && call.isReady && !heldCallers?.has(callerOf(call))) {
        if (this.#effects.send(this, link, call)) {
          if (!call.isSettled) this.#inFlight++;
          continue;
        }
        isStarved = true;
      }
      if (kept === NONE) kept = [];
      kept.push(call);
      if (this.terms.isConcurrent) continue;
      heldCallers ??= new Set();
      heldCallers.add(callerOf(call));
    }
    this.#waiting = kept;
  }

  /** Whether `call` must wait because `before` does, as far as the two alone tell. A ready call that waits found no slot. */
  #holdsBack(before: PendingCall, call: PendingCall): boolean {
    return this.terms.isConcurrent ? before.isReady : callerOf(before) === callerOf(call);
  }

  withdraw(call: PendingCall): void {
    const at = this.#waiting.indexOf(call);
    if (at !== -1) this.#waiting.splice(at, 1);
    this.#settled(call);
    this.resume();
  }

  /** The call cannot be sent to where its actor lives. */
  refused(call: PendingCall): void {
    this.#settled(call);
  }

  answered(call: PendingCall, isValue: boolean, value: unknown, isOurs: boolean): void {
    if (!isValue && !isOurs && this.#retries(call, value)) return;
    this.#settled(call);
    if (call.isCancelled) this.#effects.settle(call, false, new TaskCancelledError(call.description));
    else this.#effects.settle(call, isValue, isValue || isOurs ? value : taskError(call.description, value));
    this.#landed();
  }

  /** Stops a call that waits, and asks the host to stop one that was sent; cancelled work is never run again. */
  cancel(call: PendingCall, recursive: boolean): void {
    if (call.isSettled) return;
    call.isCancelled = true;
    if (call.link !== undefined) this.#effects.cancelSent(this, call, recursive);
    else if (this.#waiting.includes(call)) {
      this.withdraw(call);
      this.#effects.settle(call, false, new TaskCancelledError(call.description));
    } // What came back or was lost is settled by the verdict.
  }

  /** The options of one call: those given with it, then those its class declares. @throws RangeError for a group that was not declared. */
  optionsOf(method: number, given: ResolvedMethodOptions | undefined): ResolvedMethodOptions {
    const declared = this.declaration.methodOptions[this.declaration.methods[method]!];
    if (given === undefined) return declared === undefined ? NO_OPTIONS : withoutGroup(declared); // Its host knows the group.
    const { concurrencyGroup } = given;
    if (concurrencyGroup !== undefined && !this.terms.groups.includes(concurrencyGroup)) {
      const groups =
        this.terms.groups.length === 0
          ? 'it declares none'
          : `expected one of ${this.terms.groups.map(quote).join(', ')}`;
      throw new RangeError(
        `Cannot call actor "${this.actorId}" in concurrency group ${quote(concurrencyGroup)}: ${groups}`,
      );
    }
    return declared === undefined ? given : { ...withoutGroup(declared), ...given };
  }

  /** An error that the call's options retry runs it again, behind what waits. */
  #retries(call: PendingCall, thrown: unknown): boolean {
    if (call.isCancelled || call.retriesLeft === 0 || !isRetried(call.options, thrown)) return false;
    if (call.retriesLeft > 0) call.retriesLeft--;
    call.hasBegun = true;
    this.#wait(call);
    this.#landed();
    this.resume();
    return true;
  }

  #settled(call: PendingCall): void {
    if (call.count !== undefined) this.#counts!.settled(call.count);
    if (--this.pending > 0) return;
    this.#counts = undefined;
    this.#letGo();
  }

  unbegun(call: PendingCall): void {
    this.#inTrouble().unbegun(call);
    this.link = undefined;
    this.#landed();
  }

  interrupted(call: PendingCall): void {
    this.#inTrouble().interrupted(call);
    this.link = undefined;
    this.#landed();
  }

  #inTrouble(): RouteTrouble {
    this.#trouble ??= new RouteTrouble();
    return this.#trouble;
  }

  /** The link that carried this route has closed; its calls came back one by one. */
  linkClosed(link: Link): void {
    if (this.link === link) this.link = undefined;
  }

  judged(verdict: Verdict): void {
    if (this.#inFlight === 0) {
      this.#apply(verdict);
      this.resume();
      return;
    }
    this.#inTrouble().verdicts.push(verdict);
  }

  #landed(): void {
    this.#inFlight--;
    if (this.#inFlight === 0 && this.#trouble !== undefined) this.#applyVerdicts(this.#trouble.takeVerdicts());
  }

  #applyVerdicts(verdicts: readonly Verdict[]): void {
    if (verdicts.length === 0) return;
    for (const verdict of verdicts) this.#apply(verdict);
    this.resume();
  }

  #apply(verdict: Verdict): void {
    if (this.#death !== undefined) return;
    switch (verdict.kind) {
      case 'located':
        if (this.#trouble !== undefined) this.#recall(this.#trouble);
        this.cell = verdict.cell;
        this.link = this.#effects.linkTo(verdict.threadId); // Undefined if that thread is gone too: the next verdict comes.
        break;
      case 'restarting':
        this.link = undefined;
        this.#restarts(verdict.cause, this.#inTrouble());
        if (this.terms.failFast) for (const call of this.#takeWaiting()) this.#refuse(call);
        break;
      case 'dead':
        this.#die(verdict.cause);
    }
  }

  /** Puts what came back before what waits; what had begun runs again if it may, and fails otherwise. */
  #recall(trouble: RouteTrouble): void {
    trouble.isRestarting = false;
    const { lastCause } = trouble;
    const { returned, lost, gone } = this.#takeCalls(trouble);
    for (const call of gone) this.#fail(call, false, lastCause);
    for (const call of lost) {
      if (call.retriesLeft === 0) {
        this.#fail(call, true, lastCause);
        continue;
      }
      if (call.retriesLeft > 0) call.retriesLeft--;
      call.hasBegun = true;
      returned.push(call);
    }
    if (returned.length > 0) this.#waiting = [...returned, ...this.#waiting].sort((a, b) => a.order - b.order);
  }

  #restarts(cause: unknown, trouble: RouteTrouble): void {
    trouble.lastCause = cause;
    this.#recall(trouble);
    trouble.isRestarting = true;
  }

  /** What came back; what of it was cancelled is settled instead: it is not run again, and has not died. */
  #takeCalls(trouble: RouteTrouble): StrandedCalls {
    const stranded = trouble.takeCalls();
    for (const call of stranded.cancelled) {
      this.#settled(call);
      this.#effects.settle(call, false, new TaskCancelledError(call.description));
    }
    return stranded;
  }

  #die(cause: unknown): void {
    this.#death = { cause };
    this.link = undefined;
    if (this.#trouble !== undefined) this.#dieInTrouble(this.#trouble, cause);
    for (const call of this.#takeWaiting()) this.#fail(call, false, cause);
  }

  #dieInTrouble(trouble: RouteTrouble, cause: unknown): void {
    for (const listener of trouble.watchers.splice(0)) listener(cause);
    const { lost, gone, returned } = this.#takeCalls(trouble);
    for (const call of lost) this.#fail(call, true, cause);
    for (const call of gone) this.#fail(call, false, cause);
    for (const call of returned) this.#fail(call, false, cause);
  }

  #refuse(call: PendingCall): void {
    const lastCause = this.#trouble?.lastCause;
    if (call.hasBegun) {
      this.#fail(call, true, lastCause); // To run it again would be to wait.
      return;
    }
    this.#settled(call);
    this.#effects.settle(call, false, new ActorUnavailableError(this.actorId, lastCause));
  }

  /** `began`: in its last incarnation. A call that had begun in an earlier one has had its effects all the same. */
  #fail(call: PendingCall, began: boolean, cause: unknown): void {
    this.#settled(call);
    const error =
      cause instanceof ActorAlreadyExistsError // It never was an actor of its own.
        ? cause
        : new ActorDiedError(this.actorId, { began: began || call.hasBegun, cause });
    this.#effects.settle(call, false, error);
  }
}

const callerOf = (call: PendingCall): Caller => callerIn(call.parent);

function withoutGroup({ concurrencyGroup: _, ...options }: ResolvedMethodOptions): ResolvedMethodOptions {
  return options;
}
