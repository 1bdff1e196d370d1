import type { ClassDeclaration } from './class-declaration.ts';
import type { ObjectRef } from './object-ref.ts';
import type { Batch } from './protocol.ts';

/** Who made the calls to one actor in this thread and keeps them until they are answered. */
export interface CallOwner {
  readonly declaration: ClassDeclaration;
  /** The call left its slot with an answer; its ref is settled by whoever says so. */
  answered(call: PendingCall): void;
  /** The call left its slot and had not begun. */
  unbegun(call: PendingCall): void;
  /** The call left its slot, had begun, and will not be answered. */
  interrupted(call: PendingCall): void;
}

/**
 * A call that is not settled, as its caller keeps it: whole, so that it can be sent again.
 *
 * It is in one place at a time: among the waiting calls of its route, in a slot of a link, or settled.
 */
export class PendingCall {
  readonly ref: ObjectRef;
  readonly owner: CallOwner;
  readonly method: number;
  /** Counts up in its thread: the order in which calls were made. */
  readonly order: number;
  /** How often it may still be run again; -1: always. */
  retriesLeft: number;
  /** Its header and arguments stand in `batch` from `start` to `end`. */
  batch: Batch = [];
  start = 0;
  end = 0;
  /** False while an argument is a ref that is not settled. */
  isReady = true;

  constructor(ref: ObjectRef, owner: CallOwner, method: number, order: number, retriesLeft: number) {
    this.ref = ref;
    this.owner = owner;
    this.method = method;
    this.order = order;
    this.retriesLeft = retriesLeft;
  }

  get description(): string {
    return `${this.owner.declaration.name}.${this.owner.declaration.methods[this.method]}`;
  }
}
