/**
 * A link from a thread to itself: the same entries, the same copies, no port.
 *
 * Batches are delivered in a later tick, never inside the call that wrote them. After `TURN_MS` of delivering
 * without a turn of the loop the next delivery waits for one, so that two actors that call each other without
 * end do not starve the thread's ports and timers.
 */
import type { Clock } from '@heddle/base';
import { Begun, CallSlots } from './call-slots.ts';
import { Decoder, type OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import type { Link, LinkEvents } from './link.ts';
import { SLOTS } from './link-memory.ts';
import { Outbox } from './outbox.ts';
import { outsideContext } from './outside-context.ts';
import type { Batch } from './protocol.ts';

const TURN_MS = 1;

export class LocalLink implements Link {
  readonly peer: number;
  readonly isOpen = true;
  readonly isWire = false;
  readonly slots: CallSlots;
  readonly decoder: Decoder;
  readonly peerClasses: Definitions['classes'];
  readonly #begun = new Uint8Array(SLOTS);
  readonly #orders = new Uint32Array(SLOTS);
  readonly #outbox: Outbox;
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  #isDirty = false;
  #ranMs = 0;
  #turnEndsAtMs = 0;
  #turnEnds = false;

  constructor(
    threadId: number,
    definitions: Definitions,
    own: (link: Link) => OwnBuilder,
    events: LinkEvents,
    clock: Clock,
  ) {
    this.peer = threadId;
    this.slots = new CallSlots(this.#begun);
    this.#events = events;
    this.#clock = clock;
    this.peerClasses = definitions.classes;
    this.decoder = new Decoder(definitions.shapes.keyLists, own(this));
    this.#outbox = new Outbox(definitions);
  }

  entry(): Batch {
    if (!this.#isDirty) {
      this.#isDirty = true;
      this.#events.dirty(this);
    }
    return this.#outbox.entry();
  }

  addBytes(count: number): void {
    this.#outbox.addBytes(count);
  }

  /** Nothing leaves the thread: what was moved into the entry is there already. */
  addTransfers(): void {}

  setOrder(slot: number, order: number): void {
    this.#orders[slot] = order;
  }

  orderOf(slot: number): number {
    return this.#orders[slot]!;
  }

  claim(slot: number): boolean {
    return Atomics.compareExchange(this.#begun, slot, Begun.No, Begun.Yes) === Begun.No;
  }

  begin(slot: number): boolean {
    if (this.#begun[slot] === Begun.Recalled) return false;
    this.#begun[slot] = Begun.Yes;
    return true;
  }

  isCancelled(slot: number, order: number): boolean {
    return this.#begun[slot] === Begun.YesAndCancelled && this.#orders[slot] === order;
  }

  addRan(ms: number): void {
    this.#ranMs += ms;
  }

  get peerRanUs(): number {
    return (this.#ranMs * 1000) | 0;
  }

  flush(): void {
    if (this.#clock.monotonicMs() < this.#turnEndsAtMs) {
      this.#deliver();
    } else {
      if (this.#turnEnds) return;
      this.#turnEnds = true;
      setImmediate(() => {
        this.#turnEnds = false;
        this.#turnEndsAtMs = this.#clock.monotonicMs() + TURN_MS;
        this.#deliver();
      });
    }
  }

  flushAtExit(): void {}

  close(): void {}

  readonly #receive = (batch: Batch): void => this.#events.received(this, batch);

  /** What is written meanwhile waits for the next delivery, or two actors that call each other would never let go. */
  #deliver(): void {
    this.#isDirty = false;
    const batches: Batch[] = [];
    for (let batch = this.#outbox.take(); batch !== undefined; batch = this.#outbox.take()) batches.push(batch);
    for (const batch of batches) outsideContext(this.#receive, batch);
  }
}
