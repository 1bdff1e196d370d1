import type { Transferable } from 'node:worker_threads';
import type { CallSlots } from './call-slots.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Decoder } from './decoder.ts';
import type { Batch } from './protocol.ts';

/**
 * What joins two threads that talk, of one process or of two.
 *
 * Entries written in one turn travel together, in order. What was sent before the peer died still arrives, and
 * only then does the link close; `LinkEvents.closed` is called exactly once, and nothing arrives after it.
 * At most `CREDIT_BATCHES` batches are un-consumed in a direction; the rest waits here.
 */
export interface Link {
  /** The number of the thread or process at the other end: see `peer-number.ts`. */
  readonly peer: number;
  readonly isOpen: boolean;
  /** It leads to another process: no memory can be shared over it and nothing moved. */
  readonly isWire: boolean;
  /** The calls this side made over the link. */
  readonly slots: CallSlots;
  /** Reads what the peer encoded. */
  readonly decoder: Decoder;
  /** The peer's classes by its numbers. */
  readonly peerClasses: ClassDeclaration[];
  /**
   * The batch to append one entry to. It leaves at the end of the turn, or when it is large and a further entry is
   * begun. The caller appends whole entries only.
   */
  entry(): Batch;
  /** Counts bytes that an appended entry carries beyond its fields: a batch that is large is full. */
  addBytes(count: number): void;
  /** What the entry just appended moves: it goes with its batch. */
  addTransfers(transfers: readonly Transferable[]): void;
  /** Notes the caller's number of the call in this slot of its own. */
  setOrder(slot: number, order: number): void;
  /** The peer's number of the call in this slot of the peer's. */
  orderOf(slot: number): number;
  /**
   * Says that the call in this slot of the peer's begins now. False: the peer has cancelled it, and it must not run. One
   * that is cancelled in this very moment runs, and is cancelled as a running one.
   */
  begin(slot: number): boolean;
  /** The same for a call that the peer may also take back, to have it run elsewhere: exactly one of the two has it. */
  claim(slot: number): boolean;
  /** Whether the peer has cancelled the call that runs, or ran, in this slot: its message may still be on its way. */
  isCancelled(slot: number, order: number): boolean;
  /** Notes that tasks of the peer's have run for so long. */
  addRan(ms: number): void;
  /** For how long tasks of this side's have run over there, in microseconds modulo 2^32; undefined where that is not shared. */
  readonly peerRanUs: number | undefined;
  /** Sends what was appended, as far as there is credit. */
  flush(): void;
  /** Sends what was appended, credit or not: the thread is about to end. */
  flushAtExit(): void;
  /** Ends the link from this side. */
  close(): void;
}

export interface LinkEvents {
  /** More may have come, without a word: ask the links again (`Links.takeOne`) before the thread goes to sleep. */
  received(link: Link, batch: Batch): void;
  closed(link: Link): void;
  /** The loop brings word that something has come: `received` or `nothing` follows. */
  woken(): void;
  /** It was taken before. */
  nothing(link: Link): void;
  /** Something was appended to `link`: call `flush` at the end of the turn. */
  dirty(link: Link): void;
}

export const CREDIT_BATCHES = 8;
export const BATCH_FIELDS_MAX = 4096;
/** A batch this large leaves at once while few are on their way: the peer works while this thread goes on. */
export const BATCH_FIELDS_SOON = 512;
/** The same for a peer that sleeps: to wake it costs as much as to encode a hundred calls. */
export const BATCH_FIELDS_TO_WAKE = 1_280;
/** Eight such batches are the 4 MiB that may be on their way. */
export const BATCH_BYTES_MAX = 512 * 1024;
