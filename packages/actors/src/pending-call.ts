import type { Transferable } from 'node:worker_threads';
import type { CallSite } from './call-site.ts';
import type { SentCall } from './call-slots.ts';
import { type ClassDeclaration, nameOf } from './class-declaration.ts';
import type { ChildCall, Envelope } from './envelope.ts';
import type { Link } from './link.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import type { ObjectRef } from './object-ref.ts';
import type { ItemStream } from './object-ref-generator.ts';
import type { PlacedParcel } from './parcel.ts';
import type { PendingCount } from './pending-counts.ts';
import type { Batch } from './protocol.ts';
import type { CallSpan } from './telemetry.ts';

const NOTHING: readonly Transferable[] = [];
const NO_FIELDS: Batch = [];
const NO_PARCELS: readonly PlacedParcel[] = [];

/** Who keeps the calls of one thread to one actor until they are settled. */
export interface CallOwner {
  /** It sends no call a second time that has no retries: whatever ends the first sending ends the call. */
  readonly sendsOnce: boolean;
  /** The call left its slot with an answer. */
  answered(call: PendingCall, isValue: boolean, value: unknown, isOurs: boolean): void;
  /** The call left its slot and had not begun. */
  unbegun(call: PendingCall): void;
  /** The call left its slot, had begun, and will not be answered. */
  interrupted(call: PendingCall): void;
  /** The call cannot be sent to where it should run, and is settled. */
  refused(call: PendingCall): void;
  /** Somebody wants it not to start, or to end. `force`: with the thread it runs in, where that is its own. */
  cancel(call: PendingCall, recursive: boolean, force?: boolean): void;
}

/** Where calls wait until they are sent. */
export interface CallQueue extends CallOwner {
  /** Of the calls of an actor. */
  readonly actorId: string | undefined;
  /** Calls not settled: waiting or on their way. */
  pending: number;
  /** Takes a call that is encoded in arrays of its own, whether its arguments are ready or not. */
  enqueue(call: PendingCall): void;
  /** The arguments that a waiting call lacked are there. */
  ready(call: PendingCall): void;
  /** The call will not be made after all: an argument failed, or it could not be encoded. */
  withdraw(call: PendingCall): void;
}

/** What a call is from its beginning, and stays however often it is sent. */
export type CallTerms = Pick<
  PendingCall,
  'ref' | 'refs' | 'stream' | 'owner' | 'declaration' | 'method' | 'order' | 'options' | 'parent'
>;

/**
 * A call that is not settled, as its caller keeps it: whole, so that it can be sent again.
 *
 * It is in one place at a time: among the waiting calls of its route, in a slot of a link, or settled.
 */
export class PendingCall implements SentCall, ChildCall {
  /** The ref of an ordinary call; with `numReturns` other than 1 there are `refs` instead. */
  readonly ref: ObjectRef | undefined;
  readonly refs: readonly ObjectRef[];
  /** Of a generator: where its items go. */
  readonly stream: ItemStream | undefined;
  readonly owner: CallOwner;
  readonly declaration: ClassDeclaration;
  /** The number of the method in its class, or of the function among those of its thread. */
  readonly method: number;
  /** Counts up in its thread: the order in which calls were made. */
  readonly order: number;
  readonly options: ResolvedMethodOptions;
  /** The call whose code made this one. */
  readonly parent: Envelope | undefined;
  /** How often it may still be run again; -1: always. */
  retriesLeft: number;
  /** Its header and arguments stand in `batch` from `start` to `end`. */
  batch: Batch = NO_FIELDS;
  start = 0;
  end = 0;
  /** False while an argument is a ref that is not settled. */
  isReady = true;
  /** It ran before, if only in part, and was to run again. */
  hasBegun = false;
  isCancelled = false;
  isSettled = false;
  /** Where it counts among its caller's, for `maxPendingCalls`. */
  count: PendingCount | undefined;
  /** What moves with it: then it is sent once at most. */
  transfers: readonly Transferable[] = NOTHING;
  /** The handles and refs inside its arguments, by their places in `batch`. */
  parcels: readonly PlacedParcel[] = NO_PARCELS;
  /** What is remembered of it. */
  trace: number | undefined;
  /** Where it was made, if that is remembered. */
  site: CallSite | undefined;
  /** Of telemetry. */
  span: CallSpan | undefined;
  /** Where it is on its way; undefined while it waits. */
  link: Link | undefined;
  slot = -1;
  /** What its owner keeps it by while it is on its way. */
  place: object | undefined;
  /** It is encoded for another process. */
  isForWire = false;

  constructor(terms: CallTerms, retriesLeft: number) {
    this.ref = terms.ref;
    this.refs = terms.refs;
    this.stream = terms.stream;
    this.owner = terms.owner;
    this.declaration = terms.declaration;
    this.method = terms.method;
    this.order = terms.order;
    this.options = terms.options;
    this.parent = terms.parent;
    this.retriesLeft = retriesLeft;
  }

  answered(isValue: boolean, value: unknown, isOurs: boolean): void {
    this.link = undefined;
    this.owner.answered(this, isValue, value, isOurs);
  }

  unbegun(): void {
    this.link = undefined;
    this.owner.unbegun(this);
  }

  interrupted(): void {
    this.link = undefined;
    this.owner.interrupted(this);
  }

  /** Asked for by the cancel of the call that made it. */
  cancel(): void {
    this.owner.cancel(this, true);
  }

  yielded(value: unknown): void {
    this.stream?.yielded(value);
  }

  get description(): string {
    return nameOf(this.declaration, this.method);
  }
}
