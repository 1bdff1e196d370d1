import type { BegunFile } from './begun-file.ts';
import { CallSlots, type SentCall } from './call-slots.ts';
import { type Side, SLOTS } from './link-memory.ts';

/** Numbers of calls in a slot run from 1 to this and begin again; with the slot they fit 31 bits. */
const CALLS_MAX = 2 ** 15 - 1;

/**
 * The calls on their way to another process. What names a call on the link is its slot and its number in that
 * slot, since the words in which the other process says that it begins are not cleared: see `BegunFile`.
 */
export class NumberedSlots extends CallSlots {
  readonly #begun: Uint8Array;
  readonly #calls = new Uint16Array(SLOTS);

  constructor() {
    const begun = new Uint8Array(SLOTS);
    super(begun);
    this.#begun = begun;
  }

  override take(call: SentCall): number {
    const slot = super.take(call);
    if (slot === -1) return -1;
    const number = (this.#calls[slot]! % CALLS_MAX) + 1;
    this.#calls[slot] = number;
    return number * SLOTS + slot;
  }

  /** The other process may have begun it at any moment: only memory that both share could tell. */
  override recall(): boolean {
    return false;
  }

  /** The message that follows is all there is. */
  override cancel(): void {}

  override at(id: number): SentCall | undefined {
    return super.at(slotOf(id));
  }

  override release(id: number): SentCall | undefined {
    return super.release(slotOf(id));
  }

  /** Reads which of the calls have begun: the process that would run them is gone, or has gone from us. */
  readBegun(file: BegunFile, side: Side): void {
    if (this.taken === 0) return;
    const last = file.readBegun(side);
    for (let slot = 0; slot < SLOTS; slot++) this.#begun[slot] = last[slot] === this.#calls[slot] ? 1 : 0;
  }
}

export const slotOf = (id: number): number => id % SLOTS;
export const callOf = (id: number): number => Math.floor(id / SLOTS);
