import type { Transferable } from 'node:worker_threads';
import { Decoder, type LocalBuilder, type OwnBuilder } from './decoder.ts';
import type { Described, Encoder } from './encoder.ts';
import type { Link } from './link.ts';
import { ObjectRef } from './object-ref.ts';
import { leaveAll, letGoAll, type PlacedParcel } from './parcel.ts';
import { type Batch, countOf, formOf, headerOf } from './protocol.ts';

/** What this thread encodes and decodes its own values with. */
export interface Coder {
  readonly encoder: Encoder;
  readonly keyLists: readonly (readonly string[])[];
  readonly own: LocalBuilder;
}

const NO_REFS: readonly undefined[] = [];
const NO_TRANSFERS: readonly Transferable[] = [];
const NO_PARCELS: readonly PlacedParcel[] = [];

/**
 * Arguments as they are when they are given: encoded then and there, so that what changes later is not seen, and
 * kept whole, so that they can be sent again. Refs among them are left out until their values are here. Handles and
 * refs inside them live until they are let go.
 */
export class EncodedArgs {
  /** What moves with them: then they can be sent once only. */
  readonly transfers: readonly Transferable[];
  /** The header, and the arguments after it: as they stand in an entry. */
  readonly #fields: Batch;
  readonly #bytes: number;
  #parcels: readonly PlacedParcel[];
  readonly #coder: Coder;
  readonly #task: Described;
  /** In their places; empty when there are none. */
  readonly #refs: readonly (ObjectRef | undefined)[];
  readonly #isWire: boolean;

  /** `isWire`: they go to another process. @throws SerializationError for what cannot be sent. */
  constructor(coder: Coder, args: readonly unknown[], task: Described, isWire: boolean) {
    this.#coder = coder;
    this.#task = task;
    this.#isWire = isWire;
    const hasRefs = args.some(ObjectRef.isRef);
    this.#refs = hasRefs ? args.map((arg) => (ObjectRef.isRef(arg) ? arg : undefined)) : NO_REFS;
    const { encoder } = coder;
    const present = hasRefs ? args.map((arg) => (ObjectRef.isRef(arg) ? undefined : arg)) : args;
    const fields: Batch = [0];
    fields[0] = headerOf(args.length, encoder.encodeAll(present, fields, task, 'argument', isWire));
    this.#fields = fields;
    this.#parcels = encoder.freight.takeParcels();
    this.#bytes = encoder.freight.takeBytes();
    const transfers = encoder.freight.takeTransfers();
    this.transfers = transfers.length === 0 ? NO_TRANSFERS : transfers; // The encoder goes on using an empty list.
  }

  get hasRefs(): boolean {
    return this.#refs.length > 0;
  }

  /** Appends header and arguments to the entry of `link` that stands last in `out`. */
  writeTo(link: Link, out: Batch): void {
    const start = out.length;
    for (const field of this.#fields) out.push(field);
    leaveAll(this.#parcels, out, start);
    link.addBytes(this.#bytes);
    link.addTransfers(this.transfers);
  }

  /** They are sent no more: what they hold is given up. */
  letGo(): void {
    const parcels = this.#parcels;
    this.#parcels = NO_PARCELS;
    letGoAll(parcels);
  }

  /** The same with the values of the refs in their places; these are let go. @throws the first failure among them, or SerializationError. */
  async resolved(): Promise<EncodedArgs> {
    try {
      const values = await Promise.all(this.#refs.map((ref) => ref?.toPromise()));
      using own = this.#coder.own.aside();
      const args = this.values(own).map((arg, index) => (this.#refs[index] === undefined ? arg : values[index]));
      return new EncodedArgs(this.#coder, args, this.#task, this.#isWire);
    } finally {
      this.letGo();
    }
  }

  /** The arguments once more, with `own` in charge of handles and refs inside them. */
  values(own: OwnBuilder): unknown[] {
    const decoder = new Decoder([...this.#coder.keyLists], own);
    const header = this.#fields[0] as number;
    decoder.batch = this.#fields;
    decoder.at = 1;
    return decoder.decodeAll(countOf(header), formOf(header));
  }
}
