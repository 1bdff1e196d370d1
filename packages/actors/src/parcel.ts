/** Values of the runtime's own, handles and refs, inside encoded fields: they must live as long as the fields are kept. */
import type { Batch } from './protocol.ts';

/** What knows the runtime's own values. `undefined` when `value` is none of them. */
export interface OwnValues {
  encodeOwn(value: object): EncodedOwn | undefined;
}

export interface EncodedOwn {
  readonly tag: number;
  readonly parcel: Parcel;
}

/**
 * A value of the runtime's own as it stands in encoded fields: what must live while the fields are kept, whatever the
 * program releases meanwhile, and what must be counted each time they leave this thread.
 */
export interface Parcel {
  /** The field for reading back in this thread. */
  readonly field: unknown;
  /** The fields are kept, until `letGo`. */
  hold(): void;
  letGo(): void;
  /** One more copy leaves this thread: the field to send. */
  leave(): unknown;
}

/** A parcel and the index of its field. */
export interface PlacedParcel {
  readonly at: number;
  readonly parcel: Parcel;
}

/** Puts into `out` the fields with which the parcels leave, each `offset` further on than it was encoded. */
export function leaveAll(parcels: readonly PlacedParcel[], out: Batch, offset = 0): void {
  for (const { at, parcel } of parcels) out[at + offset] = parcel.leave();
}

/** The fields of the parcels are kept no longer. */
export function letGoAll(parcels: readonly PlacedParcel[]): void {
  for (const { parcel } of parcels) parcel.letGo();
}
