/**
 * Acts on the entries of a batch that has come, in order: calls go to the host, answers to the calls of this thread,
 * values and weights to its objects. What only a driver or only a worker understands goes to its `SpecialEntries`.
 */
import { decodeThrown, type EncodedThrown } from '@heddle/base';
import type { ActorHost } from './actor-host.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Definitions } from './definitions.ts';
import { Envelope } from './envelope.ts';
import type { Link } from './link.ts';
import type { Objects } from './objects.ts';
import { type Batch, type CellKey, countOf, type Form, formOf, Kind } from './protocol.ts';
import type { Carrier } from './telemetry.ts';

/** Entries that only the driver or only a worker understands. */
export interface SpecialEntries {
  /** Acts on the entry at `at` and returns where the next one stands. */
  receive(link: Link, batch: Batch, at: number): number;
  /** A link of this thread has closed; its calls have been given back. */
  linkClosed(link: Link): void;
}

export interface EntryReaderParts {
  readonly definitions: Definitions;
  readonly objects: Objects;
  readonly special: SpecialEntries;
  /** Of a thread that runs calls. */
  readonly host: ActorHost | undefined;
}

export class EntryReader {
  readonly #definitions: Definitions;
  readonly #objects: Objects;
  readonly #special: SpecialEntries;
  readonly #host: ActorHost | undefined;
  /** The telemetry context of the call whose entry comes next. */
  #carrier: Carrier | undefined;

  constructor(parts: EntryReaderParts) {
    this.#definitions = parts.definitions;
    this.#objects = parts.objects;
    this.#special = parts.special;
    this.#host = parts.host;
  }

  read(link: Link, batch: Batch): void {
    for (let at = 0; at < batch.length; ) at = this.#entry(link, batch, at);
  }

  #entry(link: Link, batch: Batch, at: number): number {
    switch (batch[at] as Kind) {
      case Kind.Call:
      case Kind.CallWith:
        return this.#call(link, batch, at);
      case Kind.Cancel:
        this.#host!.cancel(batch[at + 2] as CellKey, link, batch[at + 1] as number, batch[at + 3] as boolean);
        return at + 4;
      case Kind.Carrier:
        this.#carrier = batch[at + 1] as Carrier;
        return at + 2;
      case Kind.Stream:
        return this.#stream(link, batch, at);
      case Kind.Yield:
        return this.#item(link, batch, at);
      case Kind.Take:
        this.#host!.taken(link, batch[at + 1] as number, batch[at + 2] as number);
        return at + 3;
      case Kind.CodedResult:
        return this.#result(link, batch, at);
      case Kind.Result:
        link.slots.release(batch[at + 1] as number)?.answered(true, batch[at + 2], false);
        return at + 3;
      case Kind.Failure: {
        const error = decodeThrown(batch[at + 3] as EncodedThrown);
        link.slots.release(batch[at + 1] as number)?.answered(false, error, batch[at + 2] as boolean);
        return at + 4;
      }
      case Kind.Interrupted:
        link.slots.release(batch[at + 1] as number)?.interrupted();
        return at + 2;
      case Kind.Unbegun:
        link.slots.release(batch[at + 1] as number)?.unbegun();
        return at + 2;
      default:
        return this.#other(link, batch, at);
    }
  }

  /** What comes far less often than calls and answers. */
  #other(link: Link, batch: Batch, at: number): number {
    switch (batch[at] as Kind) {
      case Kind.Shape: {
        const end = at + 3 + (batch[at + 2] as number);
        (link.decoder.shapes as (readonly string[])[])[batch[at + 1] as number] = batch.slice(at + 3, end) as string[];
        return end;
      }
      case Kind.Fetch:
        this.#objects.fetched(link, batch[at + 1] as number);
        return at + 2;
      case Kind.Object:
        return this.#objects.arrived(link, batch, at);
      case Kind.ObjectFailed:
        this.#objects.failed(link, batch[at + 1] as number, batch[at + 2] as EncodedThrown);
        return at + 3;
      case Kind.GiveBack:
        this.#objects.givenBack(batch[at + 1] as number, batch[at + 2] as number);
        return at + 3;
      case Kind.Class:
        link.peerClasses[batch[at + 1] as number] = this.#definitions.intern(batch[at + 2] as ClassDeclaration);
        return at + 3;
      default:
        return this.#special.receive(link, batch, at);
    }
  }

  #call(link: Link, batch: Batch, at: number): number {
    const group = batch[at] === Kind.CallWith ? (batch[at + 4] as string) : undefined;
    const args = argsAt(link, batch, group === undefined ? at + 4 : at + 5);
    const end = link.decoder.at; // The call may decode more on this link before it returns.
    const envelope = new Envelope(link, batch[at + 1] as number, batch[at + 3] as number, args, group);
    this.#takeCarrier(envelope);
    this.#host!.call(batch[at + 2] as CellKey, envelope);
    return end;
  }

  #stream(link: Link, batch: Batch, at: number): number {
    const [, slot, cell, method, group, window] = batch.slice(at, at + 6) as StreamFields;
    const args = argsAt(link, batch, at + 6);
    const end = link.decoder.at;
    const envelope = new Envelope(link, slot, method, args, group);
    envelope.window = window;
    this.#takeCarrier(envelope);
    this.#host!.call(cell, envelope);
    return end;
  }

  /** The entry before this call's, if it was the call's telemetry context. */
  #takeCarrier(envelope: Envelope): void {
    if (this.#carrier === undefined) return;
    envelope.carrier = this.#carrier;
    this.#carrier = undefined;
  }

  #item(link: Link, batch: Batch, at: number): number {
    const value = valueAt(link, batch, at + 2);
    const end = link.decoder.at;
    link.slots.at(batch[at + 1] as number)?.yielded(value);
    return end;
  }

  #result(link: Link, batch: Batch, at: number): number {
    const value = valueAt(link, batch, at + 2);
    const end = link.decoder.at;
    link.slots.release(batch[at + 1] as number)?.answered(true, value, false);
    return end;
  }
}

type StreamFields = [
  kind: Kind,
  slot: number,
  cell: CellKey,
  method: number,
  group: string | undefined,
  window: number,
];

/** The arguments whose header stands at `headerAt`; the decoder then stands at the next entry. */
function argsAt({ decoder }: Link, batch: Batch, headerAt: number): unknown[] {
  const header = batch[headerAt] as number;
  decoder.batch = batch;
  decoder.at = headerAt + 1;
  return decoder.decodeAll(countOf(header), formOf(header));
}

/** The value whose form stands at `formAt`; the decoder then stands at the next entry. */
function valueAt({ decoder }: Link, batch: Batch, formAt: number): unknown {
  decoder.batch = batch;
  decoder.at = formAt + 1;
  return decoder.decodeOne(batch[formAt] as Form);
}
