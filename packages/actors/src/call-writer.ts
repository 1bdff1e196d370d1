/**
 * The entry of a call: its head, its call word, its arguments. Written straight into the batch of a link where it can leave at
 * once, or aside, where it waits; and written again from the fields that the call keeps, for as long as it may be sent again.
 *
 * The handles and refs inside the arguments live as long as those fields. What was moved into a call is gone once it is sent.
 */
import { type AsideBuilder, Decoder, type LocalBuilder } from './decoder.ts';
import type { Definitions } from './definitions.ts';
import type { Encoder } from './encoder.ts';
import type { Link } from './link.ts';
import { leaveAll, letGoAll } from './parcel.ts';
import type { PendingCall } from './pending-call.ts';
import { type Batch, type CellKey, callWordOf, countOf, Form, formOf, headerOf, headOf, Kind } from './protocol.ts';
import type { TaskLog } from './task-log.ts';
import { Step } from './task-trace.ts';

export interface CallWriterParts {
  readonly encoder: Encoder;
  readonly definitions: Definitions;
  readonly own: LocalBuilder;
  readonly log: TaskLog;
}

export class CallWriter {
  readonly #parts: CallWriterParts;

  constructor(parts: CallWriterParts) {
    this.#parts = parts;
  }

  /** False: no slot is free. @throws what the encoder throws; then nothing is written and the slot is free again. */
  writeNew(link: Link, cell: CellKey, call: PendingCall, args: readonly unknown[]): boolean {
    const slot = link.slots.take(call);
    if (slot === -1) return false;
    const { encoder } = this.#parts;
    const out = link.entry();
    const begin = out.length;
    this.#pushHead(out, cell, link, call, slot);
    const start = out.push(0) - 1;
    let form: Form = Form.Plain;
    try {
      form = encoder.encodeAll(args, out, call, 'argument', link.isWire);
    } catch (error) {
      out.length = begin;
      link.slots.release(slot);
      call.link = undefined;
      throw error;
    }
    out[start] = callWordOf(call.method, headerOf(args.length, form));
    link.addBytes(encoder.freight.takeBytes());
    if (form !== Form.Plain) this.#keepHeld(link, call, out);
    call.isForWire = link.isWire;
    keepFields(call, out, start);
    return true;
  }

  /** From the fields that the call has kept. False: no slot is free. */
  writeKept(link: Link, cell: CellKey, call: PendingCall): boolean {
    const slot = link.slots.take(call);
    if (slot === -1) return false;
    const { batch, start, end } = call;
    const out = link.entry();
    this.#pushHead(out, cell, link, call, slot);
    const begin = out.push(callWordOf(call.method, batch[start] as number)) - 1;
    for (let at = start + 1; at < end; at++) out.push(batch[at]);
    keepFields(call, out, begin);
    if (call.parcels.length > 0) leaveAgain(call, call.start - start);
    link.addTransfers(call.transfers);
    return true;
  }

  /** Snapshots the arguments for later. @throws what the encoder throws. */
  encodeAside(call: PendingCall, args: readonly unknown[], isWire = false): void {
    const { encoder } = this.#parts;
    const out: Batch = [0];
    out[0] = headerOf(args.length, encoder.encodeAll(args, out, call, 'argument', isWire));
    this.#keepParcels(call);
    encoder.freight.takeBytes();
    this.#noteMoved(call);
    call.isForWire = isWire;
    keepFields(call, out, 0);
  }

  /** Snapshots the arguments once more, as `next` makes them of those that were snapshotted. @throws what the encoder throws. */
  encodeAgain(call: PendingCall, next: (args: unknown[]) => readonly unknown[], isWire = false): void {
    using own = this.#parts.own.aside();
    this.encodeAside(call, next(this.#decodeAside(call, own)), isWire);
  }

  #decodeAside(call: PendingCall, own: AsideBuilder): unknown[] {
    const decoder = new Decoder([...this.#parts.definitions.shapes.keyLists], own);
    const header = call.batch[call.start] as number;
    decoder.batch = call.batch;
    decoder.at = call.start + 1;
    return decoder.decodeAll(countOf(header), formOf(header));
  }

  /**
   * The call was encoded before it was known that its actor lives in another process: what only threads can share
   * is found now. @throws SerializationError: there is such.
   */
  encodeForWire(call: PendingCall): void {
    const isPlain = formOf(call.batch[call.start] as number) === Form.Plain;
    if (!isPlain) this.encodeAgain(call, (args) => args, true);
  }

  /** Only arguments that are no primitives hold handles or refs, and move binary data. */
  #keepHeld(link: Link, call: PendingCall, out: Batch): void {
    this.#keepParcels(call);
    this.#noteMoved(call);
    link.addTransfers(call.transfers);
    leaveAll(call.parcels, out);
  }

  /** The handles and refs inside the arguments live until the call is settled: it may be sent again. */
  #keepParcels(call: PendingCall): void {
    const before = call.parcels;
    const parcels = this.#parts.encoder.freight.takeParcels();
    if (parcels.length > 0 || before.length > 0) call.parcels = parcels;
    if (before.length > 0) letGoAll(before);
  }

  /** What was moved into the call is gone once it is sent: it cannot be sent twice. */
  #noteMoved(call: PendingCall): void {
    const transfers = this.#parts.encoder.freight.takeTransfers(call.retriesLeft === 0 && call.owner.sendsOnce);
    if (transfers.length === 0) return;
    call.transfers = transfers;
    call.retriesLeft = 0;
  }

  /** All of the entry that stands before the call word. */
  #pushHead(out: Batch, cell: CellKey, link: Link, call: PendingCall, slot: number): void {
    call.link = link;
    call.slot = slot;
    link.setOrder(slot, call.order);
    if (call.trace !== undefined) this.#parts.log.step(call.trace, Step.Sent, link.peer);
    const { stream } = call;
    const group = call.options.concurrencyGroup;
    if (call.span !== undefined) out.push(Kind.Carrier, call.span.carrier);
    if (stream !== undefined) {
      stream.begin();
      out.push(headOf(Kind.Stream, slot), cell, group, stream.window);
    } else if (group === undefined) out.push(headOf(Kind.Call, slot), cell);
    else out.push(headOf(Kind.CallWith, slot), cell, group);
  }
}

function leaveAgain(call: PendingCall, offset: number): void {
  call.parcels = call.parcels.map(({ at, parcel }) => ({ at: at + offset, parcel }));
  leaveAll(call.parcels, call.batch);
}

const NO_ARGUMENTS: Batch = [headerOf(0, Form.Plain)];

/** Where the call's fields stand. One without arguments, which may wait for days, does not hold the batch it left in. */
function keepFields(call: PendingCall, out: Batch, start: number): void {
  const isBare = out.length === start + 1 && countOf(out[start] as number) === 0;
  call.batch = isBare ? NO_ARGUMENTS : out;
  call.start = isBare ? 0 : start;
  call.end = isBare ? 1 : out.length;
}
