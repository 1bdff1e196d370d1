/**
 * A link between two processes: frames over a socket and a few words in a file.
 *
 * It keeps what `PortLink` keeps: entries of one turn travel together and in order, at most `CREDIT_BATCHES`
 * batches are un-consumed in a direction, and what was sent before the peer died is received before the link
 * closes. *Sent* means that the system has it: it then outlives the process. How many batches were consumed stands
 * in the head of every frame, and in one of its own when nothing else goes that way.
 *
 * A link is made before its socket is there (`attach`); until then it holds what is written.
 */
import type { Socket } from 'node:net';
import type { BegunFile } from './begun-file.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { Decoder, type OwnBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import { decodeValue, encodeFrame, Frame, FrameReader, type ReadFrame } from './frames.ts';
import { CREDIT_BATCHES, type Link, type LinkEvents } from './link.ts';
import { type Side, SLOTS } from './link-memory.ts';
import { callOf, NumberedSlots, slotOf } from './numbered-slots.ts';
import { Outbox } from './outbox.ts';
import type { Batch } from './protocol.ts';
import { SocketWriter } from './socket-writer.ts';
import { type StoredBatch, withCopies, withMemory } from './wire-memory.ts';
import { withoutUnwirable } from './wire-values.ts';

/** Credit is given back by a frame of its own when so many batches are owed. */
const OWED_MAX = CREDIT_BATCHES / 2;

/** One end of a connection, ready to be talked over. */
export interface SocketEnd {
  readonly socket: Socket;
  readonly file: BegunFile;
  /** 0: it has dialled. */
  readonly side: Side;
  /** Whoever made the end reads the socket and hands every frame to `receive`. */
  readonly isRead?: boolean;
}

/** Frames that are no batches. */
export type OtherFrames = (frame: ReadFrame) => void;

export class SocketLink implements Link {
  readonly peer: number;
  readonly isWire = true;
  readonly slots = new NumberedSlots();
  readonly decoder: Decoder;
  readonly peerClasses: ClassDeclaration[] = [];
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  #end: SocketEnd | undefined;
  #writer: SocketWriter | undefined;
  /** Calls of this side and their numbers, by turns: they go with the next batch. */
  #orders: number[] = [];
  readonly #peerOrders = new Uint32Array(SLOTS);
  #sent = 0;
  #sentConsumed = 0;
  #consumed = 0;
  #consumedTold = 0;
  #isOpen = true;
  #isDirty = false;
  #onOther: OtherFrames | undefined;

  constructor(peer: number, definitions: Definitions, own: (link: Link) => OwnBuilder, events: LinkEvents) {
    this.peer = peer;
    this.#events = events;
    this.#outbox = new Outbox(definitions);
    this.decoder = new Decoder([], own(this));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isAttached(): boolean {
    return this.#end !== undefined;
  }

  /** Gives the link its connection. What was written meanwhile is sent. */
  attach(end: SocketEnd, onOther?: OtherFrames): void {
    if (!this.#isOpen) {
      end.socket.destroy();
      end.file.close();
      return;
    }
    this.#end = end;
    this.#onOther = onOther;
    this.#writer = new SocketWriter(end.socket);
    if (!end.isRead) {
      const reader = new FrameReader();
      end.socket.on('data', (chunk: Buffer) => reader.push(chunk, (frame) => this.receive(frame)));
    }
    end.socket.on('error', () => {}); // The close that follows says all.
    end.socket.on('close', () => this.#closed());
    this.flush();
  }

  /** A frame of the peer's, in order. */
  receive(frame: ReadFrame): void {
    if (!this.#isOpen) return;
    this.#sentConsumed = frame.consumed;
    if (!this.#outbox.isEmpty) this.#becomeDirty();
    if (frame.kind === Frame.Batch) {
      const [orders, batch] = decodeValue(frame.body) as [number[], Batch];
      this.#consume(orders, batch);
    } else if (frame.kind === Frame.Stored) {
      const [orders, stored] = decodeValue(frame.body) as [number[], StoredBatch];
      this.#consume(orders, withMemory(stored));
    } else if (frame.kind !== Frame.Credit) this.#onOther?.(frame);
  }

  /** Sends a frame that is no batch, at once and outside credit. */
  sendOther(kind: Frame, value?: unknown): void {
    this.#writer?.write(this.#frame(kind, value));
  }

  entry(): Batch {
    this.#becomeDirty();
    return this.#outbox.entry();
  }

  addBytes(count: number): void {
    this.#outbox.addBytes(count);
  }

  /** What was moved into the entry is copied by the way. */
  addTransfers(): void {}

  setOrder(id: number, order: number): void {
    this.#orders.push(id, order);
  }

  orderOf(id: number): number {
    return this.#peerOrders[slotOf(id)]!;
  }

  begin(id: number): boolean {
    const { file, side } = this.#end!;
    file.begin(side === 0 ? 1 : 0, slotOf(id), callOf(id));
    return true;
  }

  claim(id: number): boolean {
    return this.begin(id); // A call that went to another process is never taken back.
  }

  isCancelled(): boolean {
    return false; // Only the message tells.
  }

  addRan(): void {}

  readonly peerRanUs = undefined;

  flush(): void {
    this.#isDirty = false;
    if (this.#writer === undefined) return;
    while (!this.#outbox.isEmpty && this.#hasCredit()) this.#post(this.#outbox.take()!);
    if (((this.#consumed - this.#consumedTold) | 0) >= OWED_MAX) this.sendOther(Frame.Credit);
  }

  flushAtExit(): void {
    if (this.#writer === undefined) return;
    while (!this.#outbox.isEmpty) this.#post(this.#outbox.take()!);
    this.#writer.writeAtExit();
  }

  close(): void {
    if (this.#end !== undefined) this.#end.socket.destroy();
    else process.nextTick(() => this.#closed());
  }

  /** Whether the connection keeps the program alive. */
  ref(): void {
    this.#end?.socket.ref();
  }

  unref(): void {
    this.#end?.socket.unref();
  }

  #hasCredit(): boolean {
    return !this.#isOpen || ((this.#sent - this.#sentConsumed) | 0) < CREDIT_BATCHES;
  }

  #post(batch: Batch): void {
    this.#sent = (this.#sent + 1) | 0;
    for (let at = 0; at < batch.length; at++) if (isThrown(batch[at])) batch[at] = withoutUnwirable(batch[at]);
    const stored = withCopies(batch);
    const orders = this.#orders;
    if (orders.length > 0) this.#orders = [];
    const frame =
      stored === undefined ? this.#frame(Frame.Batch, [orders, batch]) : this.#frame(Frame.Stored, [orders, stored]);
    this.#writer!.write(frame);
  }

  #frame(kind: Frame, value?: unknown): Buffer {
    this.#consumedTold = this.#consumed;
    return encodeFrame(kind, this.#consumed, value);
  }

  #consume(orders: readonly number[], batch: Batch): void {
    for (let at = 0; at < orders.length; at += 2) this.#peerOrders[slotOf(orders[at]!)] = orders[at + 1]!;
    this.#events.woken();
    this.#events.received(this, batch);
    this.#consumed = (this.#consumed + 1) | 0;
    if (((this.#consumed - this.#consumedTold) | 0) >= OWED_MAX) this.#becomeDirty();
  }

  #becomeDirty(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#events.dirty(this);
  }

  #closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#end !== undefined) this.slots.readBegun(this.#end.file, this.#end.side);
    this.#end?.file.close();
    this.#events.closed(this);
  }
}

/** An encoded error, alone or in an answer. What else a batch holds the encoder has looked at. */
const isThrown = (field: unknown): boolean =>
  typeof field === 'object' && field !== null && ('error' in field || 'thrown' in field);
