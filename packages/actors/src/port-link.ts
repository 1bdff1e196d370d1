/**
 * A link between two threads of a process: a `MessagePort` and a few words of shared memory.
 *
 * Facts of Node that it rests on: a port's `close` comes after everything the peer posted before it died,
 * while a worker's `exit` event may overtake it; and Node drains a port before its loop turns, so a receiver
 * can not slow a sender down by taking less. Hence credit: the sender counts batches that the receiver has
 * not consumed, and the receiver gives no more than one round of credit per turn of its loop, so that its
 * other ports and timers get their turn under an endless stream. A watcher (`watcher.ts`) takes messages before the
 * loop brings them, and goes through the loop by the clock; what it takes is credited at once.
 */
import { type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';
import { Begun, CallSlots } from './call-slots.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { Decoder, type OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import { Doorbell } from './doorbells.ts';
import { BATCH_FIELDS_SOON, CREDIT_BATCHES, type Link, type LinkEvents } from './link.ts';
import { LinkMemory, type Side } from './link-memory.ts';
import { Outbox } from './outbox.ts';
import { type Batch, Kind } from './protocol.ts';

/** What one end of a link is made of: it can cross to the thread that is to have that end. */
export interface LinkEnd {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly side: Side;
  readonly peer: number;
}

export class PortLink implements Link {
  readonly peer: number;
  readonly isWire = false;
  readonly slots: CallSlots;
  readonly decoder: Decoder;
  readonly peerClasses: ClassDeclaration[] = [];
  readonly #port: MessagePort;
  readonly #memory: LinkMemory;
  readonly #side: Side;
  readonly #other: Side;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  readonly #peerBegun: Uint8Array;
  readonly #orders: Uint32Array;
  readonly #peerOrders: Uint32Array;
  readonly #peerBell: Doorbell;
  #sent = 0;
  /** Messages that came, modulo 2^32, however they came. */
  #arrived = 0;
  #isOpen = true;
  #isDirty = false;
  #isHeld = false;
  /** The message at hand was taken by a watcher: it sees to the turns of the loop itself. */
  #isWatched = false;
  /** Batches consumed in this turn of the loop; those beyond a round give their credit back in the next one. */
  #consumedThisTurn = 0;
  #owed = 0;

  /** `peerBell`: is rung after each message, for a peer that watches. */
  constructor(
    end: LinkEnd,
    definitions: Definitions,
    own: (link: Link) => OwnBuilder,
    events: LinkEvents,
    peerBell = new Doorbell(),
  ) {
    this.peer = end.peer;
    this.#port = end.port;
    this.#side = end.side;
    this.#other = end.side === 0 ? 1 : 0;
    this.#memory = new LinkMemory(end.memory);
    this.#events = events;
    this.#peerBell = peerBell;
    this.#outbox = new Outbox(definitions);
    this.#peerBegun = this.#memory.begunOf(this.#other);
    this.#orders = this.#memory.ordersOf(this.#side);
    this.#peerOrders = this.#memory.ordersOf(this.#other);
    this.slots = new CallSlots(this.#memory.begunOf(this.#side));
    const shapes: (readonly string[])[] = [];
    this.decoder = new Decoder(shapes, own(this));
    end.port.on('message', (batch: Batch) => this.#cameByLoop(batch));
    end.port.on('close', () => this.#closed());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  entry(): Batch {
    if (!this.#isDirty) {
      this.#isDirty = true;
      this.#events.dirty(this);
    }
    const batch = this.#outbox.entry();
    if (batch.length < BATCH_FIELDS_SOON || this.#isHeld || this.#onTheirWay() >= CREDIT_BATCHES / 2) return batch;
    while (!this.#outbox.isEmpty && this.#onTheirWay() < CREDIT_BATCHES) this.#post(this.#outbox.take()!);
    return this.#outbox.entry();
  }

  addBytes(count: number): void {
    this.#outbox.addBytes(count);
  }

  addTransfers(transfers: readonly Transferable[]): void {
    if (transfers.length > 0) this.#outbox.addTransfers(transfers);
  }

  setOrder(slot: number, order: number): void {
    this.#orders[slot] = order;
  }

  orderOf(slot: number): number {
    return this.#peerOrders[slot]!;
  }

  claim(slot: number): boolean {
    return Atomics.compareExchange(this.#peerBegun, slot, Begun.No, Begun.Yes) === Begun.No;
  }

  markBegun(slot: number): void {
    this.#peerBegun[slot] = 1;
  }

  flush(): void {
    this.#isDirty = false;
    if (this.#isHeld) return;
    while (!this.#outbox.isEmpty) {
      if (!this.#hasCredit()) return;
      this.#post(this.#outbox.take()!);
    }
  }

  flushAtExit(): void {
    while (!this.#outbox.isEmpty) this.#post(this.#outbox.take()!);
  }

  /** Keeps what is written until `letGo`: nobody is at the other end yet. */
  hold(): void {
    this.#isHeld = true;
  }

  letGo(): void {
    this.#isHeld = false;
    this.flush();
  }

  /** Takes one message that was posted and that the loop has not brought. False: there is none. */
  takeOne(): boolean {
    if (((this.#memory.postedOf(this.#other) - this.#arrived) | 0) <= 0) return false;
    const taken = receiveMessageOnPort(this.#port);
    if (taken === undefined) return false;
    this.#isWatched = true;
    this.#received(taken.message);
    return true;
  }

  close(): void {
    this.#port.close();
  }

  ref(): void {
    this.#port.ref();
  }

  unref(): void {
    this.#port.unref();
  }

  #post(batch: Batch): void {
    this.#sent = (this.#sent + 1) | 0;
    const transfers = this.#outbox.takeTransfers(batch);
    if (transfers.length === 0) this.#port.postMessage(batch);
    else this.#port.postMessage(batch, [...transfers]);
    this.#tell();
  }

  /** The message first, then the count, then the bell: who hears the bell finds the rest. */
  #tell(): void {
    this.#memory.addPosted(this.#side);
    this.#peerBell.ring();
  }

  /** Raises the flag before it looks the second time: whoever consumes in between sees the flag and tells us. */
  #hasCredit(): boolean {
    if (this.#onTheirWay() < CREDIT_BATCHES) return true;
    this.#memory.setWaiting(this.#side, true);
    return this.#onTheirWay() < CREDIT_BATCHES;
  }

  #onTheirWay(): number {
    return (this.#sent - this.#memory.consumedOf(this.#side)) | 0;
  }

  #cameByLoop(batch: Batch): void {
    this.#isWatched = false;
    this.#events.woken();
    this.#received(batch);
  }

  #received(batch: Batch): void {
    this.#arrived = (this.#arrived + 1) | 0;
    if (batch[0] === Kind.Credit) {
      this.flush(); // Alone in its batch, and outside credit: it is what gives credit.
      return;
    }
    this.#events.received(this, batch);
    this.#consumed();
  }

  #consumed(): void {
    if (!this.#isWatched && ++this.#consumedThisTurn > CREDIT_BATCHES / 2) {
      if (this.#owed++ === 0) setImmediate(() => this.#nextTurn());
    } else {
      this.#giveCredit(1);
    }
  }

  #nextTurn(): void {
    const owed = this.#owed;
    this.#owed = 0;
    this.#consumedThisTurn = 0;
    this.#giveCredit(owed);
  }

  #giveCredit(batches: number): void {
    for (let i = 0; i < batches; i++) this.#memory.addConsumed(this.#other);
    if (!this.#isOpen || !this.#memory.takeWaiting(this.#other)) return;
    this.#port.postMessage([Kind.Credit]);
    this.#tell();
  }

  #closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#events.closed(this);
  }
}
