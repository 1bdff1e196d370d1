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

export class PendingCounts {
  /** That of whoever called last: mostly whoever calls next. */
  #latest: PendingCount = { caller: undefined, pending: 0 };
  /** Made when there is a second caller: most actors have one. */
  #others: Map<Caller, PendingCount> | undefined;

  /** How many callers have calls pending, or had when they called last. */
  get size(): number {
    return (this.#others?.size ?? 0) + 1;
  }

  of(caller: Caller): PendingCount {
    if (this.#latest.caller === caller) return this.#latest;
    if (this.#latest.pending > 0) {
      this.#others ??= new Map();
      this.#others.set(this.#latest.caller, this.#latest);
    }
    this.#latest = this.#others?.get(caller) ?? { caller, pending: 0 };
    this.#others?.delete(caller);
    return this.#latest;
  }

  /** One call of this count is settled. */
  settled(count: PendingCount): void {
    if (--count.pending === 0 && count !== this.#latest) this.#others?.delete(count.caller);
  }
}
