/**
 * Who is told what of an actor: the routes of every thread that asked get verdicts, and those who watch the records get rows.
 */
import type { ActorRow } from '@heddle/base';
import type { ActorDirectory } from './actor-directory.ts';
import { type ActorRecord, type ActorSeat, toActorRow } from './actor-record.ts';
import { ActorDeathCause } from './errors.ts';
import type { Link } from './link.ts';
import type { ActorKey } from './protocol.ts';
import { type Verdict, writeVerdict } from './verdict.ts';

export type ActorListener = (row: ActorRow) => void;

export class ActorNews {
  readonly #directory: ActorDirectory;
  readonly #tellDriver: (actor: ActorKey, verdict: Verdict) => void;
  readonly #listeners = new Set<ActorListener>();

  /** `tellDriver`: hands a verdict to the driver's own routes. */
  constructor(directory: ActorDirectory, tellDriver: (actor: ActorKey, verdict: Verdict) => void) {
    this.#directory = directory;
    this.#tellDriver = tellDriver;
  }

  watch(listener: ActorListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** The record has changed. */
  announce(record: ActorRecord): void {
    if (this.#listeners.size === 0) return;
    const row = toActorRow(record);
    for (const listener of this.#listeners) {
      try {
        listener(row);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // It is the listener's, and must not stop the driver half-way.
        });
      }
    }
  }

  /** Tells every thread that asked, under each key that leads to the actor. */
  tell(record: ActorRecord, verdict: Verdict): void {
    this.#tellOf(record.actor, record, verdict);
    for (const alias of record.aliases) this.#tellOf(alias, record, verdict);
  }

  #tellOf(actor: ActorKey, record: ActorRecord, verdict: Verdict): void {
    this.#tellDriver(actor, verdict);
    if (record.subscribers.size === 0 || isBeyond(record, verdict)) return;
    for (const link of record.subscribers) write(link, actor, verdict);
  }

  /** Other threads can have a link to the seat from now on: those who want to call its actor are told where it is. */
  reachable(seat: ActorSeat): void {
    for (const record of this.#directory.living()) {
      if (record.seat !== seat) continue;
      for (const actor of [record.actor, ...record.aliases])
        for (const link of record.subscribers) write(link, actor, this.#verdictOn(actor)!);
    }
  }

  /** Tells one more driver's route what holds now. */
  tellNow(actor: ActorKey): void {
    const verdict = this.#verdictOn(actor);
    if (verdict !== undefined) this.#tellDriver(actor, verdict);
  }

  /** The thread behind the link wants to be told, now and after every change. */
  subscribe(actor: ActorKey, link: Link): void {
    const record = this.#directory.get(actor);
    if (record !== undefined) record.subscribers = new Set(record.subscribers).add(link); // A few threads at most.
    const verdict = this.#verdictOn(actor);
    if (verdict !== undefined && !(record !== undefined && isBeyond(record, verdict))) write(link, actor, verdict);
  }

  unsubscribe(link: Link): void {
    for (const record of this.#directory.living()) {
      if (record.subscribers.has(link)) record.subscribers = record.subscribers.difference(new Set([link]));
    }
  }

  /** What a newcomer must know now; undefined: wait, it will be told. */
  #verdictOn(actor: ActorKey): Verdict | undefined {
    const record = this.#directory.get(actor);
    if (record === undefined) {
      const cause = this.#directory.dead(actor)?.end?.cause ?? new ActorDeathCause('it ended long ago');
      return { kind: 'dead', cause };
    }
    return record.seat === undefined
      ? undefined
      : { kind: 'located', cell: record.cell, threadId: record.seat.threadId };
  }
}

/** Whether other threads cannot have a link to where the actor is: they are told when they can. */
const isBeyond = (record: ActorRecord, verdict: Verdict): boolean =>
  verdict.kind === 'located' && !record.seat!.isReachable;

function write(link: Link, actor: ActorKey, verdict: Verdict): void {
  if (link.isOpen) writeVerdict(link.entry(), actor, verdict);
}
