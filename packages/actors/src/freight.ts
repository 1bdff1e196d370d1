/**
 * What goes with encoded fields and does not stand in them as it goes: their known weight, the buffers that move with their
 * batch, and the parcels that are counted when they leave. `Encoder` loads it; whoever sends or keeps the fields takes it.
 */
import type { Transferable } from 'node:worker_threads';
import { leaveAll, type Parcel, type PlacedParcel } from './parcel.ts';
import type { Batch } from './protocol.ts';

/** Shorter strings count as fields only. */
const LONG_STRING = 256;

/** Asked before `weigh`, of each string there is. */
export const isLong = (value: unknown): value is string => typeof value === 'string' && value.length >= LONG_STRING;

const NO_PARCELS: PlacedParcel[] = [];

export class Freight {
  #bytes = 0;
  #transfers: Transferable[] = [];
  /** The buffers of copies made here, which may move as well if what is encoded is sent only once. */
  #copies: ArrayBuffer[] = [];
  #parcels: PlacedParcel[] = [];

  get copies(): number {
    return this.#copies.length;
  }

  get parcels(): number {
    return this.#parcels.length;
  }

  /** A long one. */
  weigh(text: string): void {
    this.#bytes += 2 * text.length;
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  addTransfers(transfers: readonly Transferable[]): void {
    this.#transfers.push(...transfers);
  }

  addCopy(buffer: ArrayBuffer): void {
    this.#copies.push(buffer);
  }

  /** `at`: the index of its field. */
  addParcel(at: number, parcel: Parcel): void {
    this.#parcels.push({ at, parcel });
  }

  /** What was loaded after there were so many is not sent after all. */
  unload(copies: number, parcels: number): void {
    this.#copies.length = copies;
    this.#parcels.length = parcels;
  }

  /** The same, when nothing that would move is sent. */
  unloadAll(parcels: number): void {
    this.#transfers = [];
    this.#copies = [];
    this.#parcels.length = parcels;
  }

  /** Known bytes encoded since the last asking: long strings and binary data. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /**
   * What the values encoded since the last asking move with them: for the transfer list of their batch. `isOnce`: what
   * was encoded is never sent again, so that our own copies may move too.
   */
  takeTransfers(isOnce = false): readonly Transferable[] {
    let transfers = this.#transfers;
    if (transfers.length > 0) this.#transfers = [];
    if (this.#copies.length > 0) {
      if (isOnce) transfers = transfers.length === 0 ? this.#copies : [...transfers, ...this.#copies];
      this.#copies = [];
    }
    return transfers;
  }

  /** The handles and refs encoded since the last asking, and where they stand. They are held: let them go (`letGoAll`). */
  takeParcels(): PlacedParcel[] {
    if (this.#parcels.length === 0) return NO_PARCELS;
    const parcels = this.#parcels;
    this.#parcels = [];
    for (const { parcel } of parcels) parcel.hold();
    return parcels;
  }

  /** Counts what was encoded into `out` since the last asking as leaving with it; it is sent once only. */
  sendParcels(out: Batch): void {
    if (this.#parcels.length === 0) return;
    leaveAll(this.#parcels, out);
    this.#parcels = [];
  }
}
