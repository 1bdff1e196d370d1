import { SLOTS } from './link-memory.ts';

/** A call as its link sees it: what may come of it once it was sent. Exactly one of these is called. */
export interface SentCall {
  /** `isOurs`: the failure is the runtime's, not thrown by user code. */
  answered(isValue: boolean, value: unknown, isOurs: boolean): void;
  unbegun(): void;
  interrupted(): void;
  /** One item of a generator, before the answer. */
  yielded(value: unknown): void;
}

/** What a begun byte says. */
export const Begun = { No: 0, Yes: 1, Recalled: 2, YesAndCancelled: 3 } as const;

export const isBegun = (word: number | undefined): boolean => word === Begun.Yes || word === Begun.YesAndCancelled;

/** Stands in the slot of a call that was taken back. */
const RECALLED: SentCall = { answered() {}, unbegun() {}, interrupted() {}, yielded() {} };

/**
 * The calls that are on their way over one link, each in a numbered slot until it is answered.
 *
 * A slot's number is the call's name on the link and its place among the begun bytes. It is used again only
 * after the answer, so an answer can not meet the wrong call.
 */
export class CallSlots {
  readonly #begun: Uint8Array;
  readonly #calls: (SentCall | undefined)[] = [];
  readonly #free: number[] = [];
  #taken = 0;

  constructor(begun: Uint8Array) {
    this.#begun = begun;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Puts `call` into a free slot and returns its number, or -1 when all are taken. */
  take(call: SentCall): number {
    const slot = this.#free.pop() ?? (this.#calls.length < SLOTS ? this.#calls.length : -1);
    if (slot === -1) return -1;
    this.#begun[slot] = 0;
    this.#calls[slot] = call;
    this.#taken++;
    return slot;
  }

  /**
   * Takes back a call that its host has not claimed. The slot stays taken until the host has passed over it.
   * False: the host has claimed it.
   */
  recall(slot: number): boolean {
    if (Atomics.compareExchange(this.#begun, slot, Begun.No, Begun.Recalled) !== Begun.No) return false;
    this.#calls[slot] = RECALLED;
    return true;
  }

  /**
   * Says that the call is not wanted any more, where its host sees it without taking a message: a call that has not
   * begun never does, and one that runs learns it when it asks. Its answer comes all the same.
   */
  cancel(slot: number): void {
    const before = Atomics.compareExchange(this.#begun, slot, Begun.No, Begun.Recalled);
    if (before === Begun.Yes) Atomics.compareExchange(this.#begun, slot, Begun.Yes, Begun.YesAndCancelled);
  }

  /** The call in the slot, which stays there. */
  at(slot: number): SentCall | undefined {
    return this.#calls[slot];
  }

  /** The calls that are on their way. */
  all(): SentCall[] {
    return this.#calls.filter((call) => call !== undefined && call !== RECALLED) as SentCall[];
  }

  /** Empties the slot. Undefined when it is empty: its call has been told what came of it. */
  release(slot: number): SentCall | undefined {
    const call = this.#calls[slot];
    if (call === undefined) return undefined;
    this.#calls[slot] = undefined;
    this.#free.push(slot);
    this.#taken--;
    return call;
  }

  /** Empties all slots: every call that was not answered, and whether it had begun. The caller owes each an end. */
  drain(): { readonly call: SentCall; readonly began: boolean }[] {
    const drained: { call: SentCall; began: boolean }[] = [];
    for (const [slot, call] of this.#calls.entries()) {
      if (call !== undefined) drained.push({ call, began: isBegun(this.#begun[slot]) });
    }
    this.#calls.length = 0;
    this.#free.length = 0;
    this.#taken = 0;
    return drained;
  }
}
