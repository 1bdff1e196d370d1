/**
 * A link between two threads of a process: two rings in shared memory, a `MessagePort`, and a few words.
 *
 * The rings say what comes, in order. Batches of plain fields stand in them; others go by the port, and a ring says when it
 * is their turn. A thread that watches (`watcher.ts`) or works finds a batch in the ring without a message. One that has
 * said that it sleeps is woken by an empty message, by whoever first has something for it.
 *
 * Facts of Node that it rests on: a port's `close` comes after everything the peer posted before it died, while a
 * worker's `exit` event may overtake it; and Node drains a port before its loop turns, so a receiver can not slow a
 * sender down by taking less. Hence credit: the sender counts batches that the receiver has not consumed.
 */
import { type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';
import { BY_PORT, Outcome, type RingReader, type RingWriter } from './batch-ring.ts';
import { Begun, CallSlots } from './call-slots.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { Decoder, type OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import { Doorbell } from './doorbells.ts';
import { BATCH_FIELDS_SOON, BATCH_FIELDS_TO_WAKE, CREDIT_BATCHES, type Link, type LinkEvents } from './link.ts';
import { LinkMemory, type Side } from './link-memory.ts';
import { Outbox } from './outbox.ts';
import type { Batch } from './protocol.ts';

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
  readonly #writer: RingWriter;
  readonly #reader: RingReader;
  /** What came by the port and has not had its turn. */
  readonly #came: Batch[] = [];
  #ranMs = 0;
  #sent = 0;
  #isOpen = true;
  #isDirty = false;
  #isHeld = false;
  /** Something waits here for credit, or for room in the ring. */
  #isShort = false;
  /** Found no room in the ring, and goes before the outbox. */
  #next: Batch | undefined;

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
    this.#writer = this.#memory.writerOf(this.#side);
    this.#reader = this.#memory.readerOf(this.#other);
    this.#orders = this.#memory.ordersOf(this.#side);
    this.#peerOrders = this.#memory.ordersOf(this.#other);
    this.slots = new CallSlots(this.#memory.begunOf(this.#side));
    const shapes: (readonly string[])[] = [];
    this.decoder = new Decoder(shapes, own(this));
    end.port.on('message', (message: Batch | typeof WAKE) => this.#cameByLoop(message));
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
    const { hasFull } = this.#outbox;
    const isSoon = batch.length >= BATCH_FIELDS_SOON || hasFull;
    if (!isSoon || this.#isHeld || this.#onTheirWay() >= CREDIT_BATCHES / 2) return batch;
    if (!hasFull && batch.length < BATCH_FIELDS_TO_WAKE && this.#memory.isAsleep(this.#other)) return batch;
    this.#sendAll();
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

  begin(slot: number): boolean {
    if (this.#peerBegun[slot] === Begun.Recalled) return false;
    this.#peerBegun[slot] = Begun.Yes;
    return true;
  }

  isCancelled(slot: number, order: number): boolean {
    return this.#peerBegun[slot] === Begun.YesAndCancelled && this.#peerOrders[slot] === order;
  }

  addRan(ms: number): void {
    this.#ranMs += ms;
    this.#memory.setRanUs(this.#side, this.#ranMs * 1000);
  }

  get peerRanUs(): number {
    return this.#memory.ranUsOf(this.#other);
  }

  flush(): void {
    this.#isDirty = false;
    if (!this.#isHeld) this.#sendAll();
  }

  flushAtExit(): void {
    const rest: Batch[] = this.#next === undefined ? [] : [this.#next];
    for (let batch = this.#outbox.take(); batch !== undefined; batch = this.#outbox.take()) rest.push(batch);
    this.#next = undefined;
    if (rest.length === 0) return;
    this.#writer.mark(rest.length);
    for (const batch of rest) this.#post(batch);
  }

  /** Keeps what is written until `letGo`: nobody is at the other end yet. */
  hold(): void {
    this.#isHeld = true;
  }

  letGo(): void {
    this.#isHeld = false;
    this.flush();
  }

  /** Says that this thread sleeps, or that it is up. Asleep it must look once more, with `hasMore`. */
  setAsleep(isAsleep: boolean): void {
    this.#memory.setAsleep(this.#side, isAsleep);
  }

  /** Whether there is something to take, or something that waited here may go. */
  get hasMore(): boolean {
    if (this.#isShort && !this.#memory.isWaiting(this.#side)) return true;
    return this.#reader.isForPort ? this.#came.length > 0 : !this.#reader.isEmpty; // What the port has wakes by itself.
  }

  /** Takes one batch that has come, and sends what waited for the peer to take some. False: none has come. */
  takeOne(): boolean {
    if (this.#isShort) this.#sendAll();
    if (this.#reader.isEmpty) return false;
    const batch = this.#reader.take();
    if (batch !== BY_PORT) {
      this.#received(batch);
      return true;
    }
    const posted = this.#came.shift() ?? this.#takeFromPort();
    if (posted === undefined) return false; // It is on its way, and will wake this thread.
    this.#reader.tookFromPort();
    this.#received(posted);
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

  #sendAll(): void {
    this.#isShort = true;
    while (this.#next !== undefined || !this.#outbox.isEmpty) {
      if (!this.#hasCredit()) return;
      this.#next ??= this.#outbox.take()!;
      if (!this.#hasSent(this.#next)) return;
      this.#next = undefined;
    }
    this.#isShort = false;
  }

  /** False: the ring has no room for the batch. */
  #hasSent(batch: Batch): boolean {
    let outcome = this.#write(batch);
    if (outcome === Outcome.NoRoom) {
      this.#memory.setWaiting(this.#side, true);
      outcome = this.#write(batch);
      if (outcome === Outcome.NoRoom) return false;
    }
    this.#sent = (this.#sent + 1) | 0;
    if (outcome === Outcome.Written) {
      this.#wake();
    } else {
      this.#writer.mark(1);
      this.#post(batch);
    }
    return true;
  }

  #write(batch: Batch): Outcome {
    return this.#outbox.moves(batch) ? Outcome.Unfit : this.#writer.write(batch);
  }

  #post(batch: Batch): void {
    const transfers = this.#outbox.takeTransfers(batch);
    if (transfers.length === 0) this.#port.postMessage(batch);
    else this.#port.postMessage(batch, transfers as Transferable[]);
    this.#peerBell.ring();
  }

  /** Call after that was published for which the peer is to wake up. One that sleeps watches no bell. */
  #wake(): void {
    if (this.#memory.takeSleeper(this.#other)) this.#port.postMessage(WAKE);
    else this.#peerBell.ring();
  }

  /** Raises the flag before it looks the second time: whoever consumes in between sees the flag and wakes us. */
  #hasCredit(): boolean {
    if (this.#onTheirWay() < CREDIT_BATCHES) return true;
    this.#memory.setWaiting(this.#side, true);
    return this.#onTheirWay() < CREDIT_BATCHES;
  }

  #onTheirWay(): number {
    return (this.#sent - this.#memory.consumedOf(this.#side)) | 0;
  }

  #cameByLoop(message: Batch | typeof WAKE): void {
    if (message !== WAKE) this.#came.push(message);
    this.#events.woken();
    if (!this.takeOne()) this.#events.nothing(this);
  }

  #takeFromPort(): Batch | undefined {
    for (;;) {
      const taken = receiveMessageOnPort(this.#port);
      if (taken?.message !== WAKE) return taken?.message;
    }
  }

  #received(batch: Batch): void {
    this.#events.received(this, batch);
    this.#memory.addConsumed(this.#other);
    if (this.#isOpen && this.#memory.takeWaiting(this.#other)) this.#wake();
  }

  #closed(): void {
    if (!this.#isOpen) return;
    while (this.takeOne());
    this.#isOpen = false;
    this.#events.closed(this);
  }
}

/** The empty message that wakes. */
const WAKE = 0;
