import type { ActorContext } from './actor-context.ts';
import type { Link } from './link.ts';
import type { Producer } from './producer.ts';
import type { Carrier } from './telemetry.ts';

/** A call that the running one has made, as far as a cancel of the running one concerns it. */
export interface ChildCall {
  cancel(): void;
}

/** What tells when it has settled. */
export interface Settling {
  whenSettled(action: () => void): void;
}

/** One call as its host holds it, from its arrival to its answer. */
export class Envelope {
  readonly link: Link;
  readonly slot: number;
  /** The caller's number of the call. */
  readonly order: number;
  readonly method: number;
  readonly args: readonly unknown[];
  /** The concurrency group; undefined: the method's own or the default one. */
  readonly group: string | undefined;
  /** Whose call it is, once it runs. */
  context: ActorContext | undefined;
  isCancelled = false;
  /** Of a generator's call: how many items may be yielded and not taken; -1: any number. */
  window: number | undefined;
  producer: Producer | undefined;
  /** The telemetry context of the call. */
  carrier: Carrier | undefined;
  /** What is remembered of this run. */
  run: number | undefined;
  /** Of a task: the name of its function. */
  task: string | undefined;
  /** Of a task: told when its code waits for a ref. */
  onWait: ((envelope: Envelope, ref: Settling) => void) | undefined;
  /** Its place among the running calls of its actor; -1: it is not one of them. */
  place = -1;
  /** For how many refs it waits. */
  waits = 0;
  #controller: AbortController | undefined;
  #children: Set<ChildCall> | undefined;

  constructor(link: Link, slot: number, method: number, args: readonly unknown[], group: string | undefined) {
    this.link = link;
    this.slot = slot;
    this.order = link.orderOf(slot);
    this.method = method;
    this.args = args;
    this.group = group;
  }

  /**
   * Aborts when the call is cancelled. Made when first asked for. Code that lets no message in sees that it is
   * cancelled when it asks again.
   */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isCancelled || this.link.isCancelled(this.slot, this.order)) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Calls made by this one that are not settled. */
  get children(): Set<ChildCall> {
    this.#children ??= new Set();
    return this.#children;
  }

  /** Asks the running call to end, and with `recursive` the calls it made. */
  cancel(recursive: boolean): void {
    this.isCancelled = true;
    this.#controller?.abort();
    this.producer?.stop();
    if (recursive) for (const child of [...(this.#children ?? [])]) child.cancel();
  }
}
