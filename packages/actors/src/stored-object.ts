import { Decoder, type OwnBuilder } from './decoder.ts';
import { leaveAll, type PlacedParcel } from './parcel.ts';
import type { Batch, Form } from './protocol.ts';
import { isShared } from './wire-memory.ts';
import { problemOnWire } from './wire-values.ts';

export interface StoredParts {
  readonly form: Form;
  readonly fields: Batch;
  /** The key lists that the fields' shape numbers mean. */
  readonly shapes: readonly (readonly string[])[];
  /** Builds handles and refs without counting them as arrived. */
  readonly own: OwnBuilder;
  /** The handles and refs inside, by their place in `fields`. */
  readonly parcels: readonly PlacedParcel[];
  /** What keeps them alive where they came from elsewhere. */
  readonly pinned?: unknown;
  /** The shared memory in the fields that was made for this value. */
  readonly memories?: readonly SharedArrayBuffer[];
}

/**
 * A value that was put: its fields as they were encoded. Every reading gives a value of its own; binary values are
 * views of the same shared memory.
 */
export class StoredObject {
  readonly #parts: StoredParts;
  #wasSeen = false;

  constructor(parts: StoredParts) {
    this.#parts = parts;
  }

  read(): unknown {
    this.#wasSeen = true;
    const { form, fields, shapes, own } = this.#parts;
    const decoder = new Decoder([...shapes], own, true);
    decoder.batch = fields;
    return decoder.decodeOne(form);
  }

  get form(): Form {
    return this.#parts.form;
  }

  /** The memory that was made for it, as long as nobody has a view of it. */
  get unseenMemories(): readonly SharedArrayBuffer[] | undefined {
    return this.#wasSeen ? undefined : this.#parts.memories;
  }

  /** Why the value cannot be sent to another process, or undefined when it can. */
  get problemOnWire(): string | undefined {
    for (const field of this.#parts.fields) {
      const problem = isShared(field) ? undefined : problemOnWire(field);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Appends the fields, to be read in another thread. */
  writeTo(out: Batch): void {
    this.#wasSeen = true;
    const start = out.length;
    for (const field of this.#parts.fields) out.push(field);
    leaveAll(this.#parts.parcels, out, start);
  }
}
