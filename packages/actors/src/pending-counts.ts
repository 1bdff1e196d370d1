/**
 * How many calls each caller of one thread has pending on one actor. Callers are the actors and the tasks of the
 * thread, and its own code.
 */
import type { Envelope } from './envelope.ts';
import type { ActorKey } from './protocol.ts';

/** Whose call it is: an actor's, one task's, or the thread's own (undefined). */
export type Caller = ActorKey | Envelope | undefined;

/** The caller behind code that runs in this call. */
export function callerIn(envelope: Envelope | undefined): Caller {
  if (envelope === undefined) return undefined;
  return envelope.task === undefined ? envelope.context?.actor : envelope;
}

export interface PendingCount {
  readonly caller: Caller;
  pending: number;
}

/** Itself the count of one caller, since most actors have no second one. */
export class PendingCounts implements PendingCount {
  caller: Caller = undefined;
  pending = 0;
  /** That of whoever called last: mostly whoever calls next. */
  #latest: PendingCount = this;
  /** Of callers with calls pending, but the latest. Made when there is a second caller. */
  #others: Map<Caller, PendingCount> | undefined;

  /** How many callers have calls pending, or had when they called last. */
  get size(): number {
    return (this.#others?.size ?? 0) + 1;
  }

  of(caller: Caller): PendingCount {
    return this.#latest.caller === caller ? this.#latest : this.#find(caller);
  }

  #find(caller: Caller): PendingCount {
    if (this.#latest.pending > 0) {
      this.#others ??= new Map();
      this.#others.set(this.#latest.caller, this.#latest);
    }
    this.#latest = this.#others?.get(caller) ?? this.#begin(caller);
    this.#others?.delete(caller);
    return this.#latest;
  }

  #begin(caller: Caller): PendingCount {
    if (this.pending > 0) return { caller, pending: 0 };
    this.caller = caller;
    return this;
  }

  /** One call of this count is settled. */
  settled(count: PendingCount): void {
    if (--count.pending === 0 && count !== this.#latest) this.#others?.delete(count.caller);
  }
}
