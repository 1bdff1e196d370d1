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
import { type Batch, type CellKey, countOf, type Form, formOf, Kind, kindOf, methodOf, slotOf } from './protocol.ts';
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

const NO_ARGUMENTS: readonly unknown[] = [];

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
    const head = batch[at] as number;
    switch (kindOf(head)) {
      case Kind.Call:
        return this.#call(link, batch, at, undefined, at + 2);
      case Kind.CallWith:
        return this.#call(link, batch, at, batch[at + 2] as string, at + 3);
      case Kind.Cancel:
        this.#host!.cancel(batch[at + 1] as CellKey, link, slotOf(head), batch[at + 2] as boolean);
        return at + 3;
      case Kind.Carrier:
        this.#carrier = batch[at + 1] as Carrier;
        return at + 2;
      case Kind.Stream:
        return this.#call(link, batch, at, batch[at + 2] as string | undefined, at + 4, batch[at + 3] as number);
      case Kind.Yield:
        return this.#item(link, batch, at);
      case Kind.Take:
        this.#host!.taken(link, slotOf(head), batch[at + 1] as number);
        return at + 2;
      case Kind.CodedResult:
        return this.#result(link, batch, at);
      case Kind.Result:
        link.slots.release(slotOf(head))?.answered(true, batch[at + 1], false);
        return at + 2;
      case Kind.Failure: {
        const error = decodeThrown(batch[at + 2] as EncodedThrown);
        link.slots.release(slotOf(head))?.answered(false, error, batch[at + 1] as boolean);
        return at + 3;
      }
      case Kind.Interrupted:
        link.slots.release(slotOf(head))?.interrupted();
        return at + 1;
      case Kind.Unbegun:
        link.slots.release(slotOf(head))?.unbegun();
        return at + 1;
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

  /** The head and the cell stand at `at`; `wordAt`: where the call word stands, behind which the arguments come. */
  #call(link: Link, batch: Batch, at: number, group: string | undefined, wordAt: number, window?: number): number {
    const word = batch[wordAt] as number;
    const count = countOf(word);
    let args = NO_ARGUMENTS;
    let end = wordAt + 1;
    if (count > 0) {
      const { decoder } = link;
      decoder.batch = batch;
      decoder.at = end;
      args = decoder.decodeAll(count, formOf(word));
      end = decoder.at; // The call may decode more on this link before it returns.
    }
    const envelope = new Envelope(link, slotOf(batch[at] as number), methodOf(word), args, group);
    envelope.window = window;
    this.#takeCarrier(envelope);
    this.#host!.call(batch[at + 1] as CellKey, envelope);
    return end;
  }

  /** The entry before this call's, if it was the call's telemetry context. */
  #takeCarrier(envelope: Envelope): void {
    if (this.#carrier === undefined) return;
    envelope.carrier = this.#carrier;
    this.#carrier = undefined;
  }

  #item(link: Link, batch: Batch, at: number): number {
    const value = valueAt(link, batch, at + 1);
    const end = link.decoder.at;
    link.slots.at(slotOf(batch[at] as number))?.yielded(value);
    return end;
  }

  #result(link: Link, batch: Batch, at: number): number {
    const value = valueAt(link, batch, at + 1);
    const end = link.decoder.at;
    link.slots.release(slotOf(batch[at] as number))?.answered(true, value, false);
    return end;
  }
}

/** The value whose form stands at `formAt`; the decoder then stands at the next entry. */
function valueAt({ decoder }: Link, batch: Batch, formAt: number): unknown {
  decoder.batch = batch;
  decoder.at = formAt + 1;
  return decoder.decodeOne(batch[formAt] as Form);
}
