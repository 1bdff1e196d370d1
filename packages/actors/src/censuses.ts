/**
 * The censuses that run in the driver: asks the threads, takes their answers, and says of which actors nobody
 * holds a handle any more. How the answers are judged is `Census`'s.
 */
import type { ActorRecord } from './actor-record.ts';
import { Census } from './census.ts';
import type { Holding } from './handle-count.ts';
import type { Link } from './link.ts';
import { type ActorKey, Kind } from './protocol.ts';

interface RunningCensus {
  readonly id: number;
  readonly record: ActorRecord;
  readonly count: Census;
  /** The threads that are asked, beside the driver's own. */
  links: ReadonlySet<Link>;
}

export interface CensusEffects {
  /** Whether the driver's own thread made the actor. */
  isMadeHere(actor: ActorKey): boolean;
  /** How far the driver's own thread holds on to the actor. */
  holding(actor: ActorKey): Holding;
  /** The links to the threads that live. */
  openLinks(): Link[];
  /** Nobody holds the actor, and no handle of it is on its way. */
  nobodyHolds(record: ActorRecord): void;
}

const NO_LINKS: ReadonlySet<Link> = new Set();

export class Censuses {
  readonly #effects: CensusEffects;
  readonly #running = new Map<number, RunningCensus>();
  #started = 0;

  constructor(effects: CensusEffects) {
    this.#effects = effects;
  }

  /** A thread has let go of the actor: perhaps it was the last. */
  start(record: ActorRecord): void {
    const own = this.#effects.holding(record.actor);
    if (this.#neverLeft(record, own)) {
      if (!own.holds) this.#effects.nobodyHolds(record);
      return;
    }
    const census: RunningCensus = {
      id: ++this.#started,
      record,
      count: new Census(this.#threads()),
      links: NO_LINKS,
    };
    this.#running.set(census.id, census);
    this.#ask(census);
  }

  answered(id: number, holding: Holding): void {
    const census = this.#running.get(id);
    if (census === undefined) return;
    const verdict = census.count.answer(holding, this.#threads());
    if (verdict === 'go on') return;
    if (verdict === 'ask again') {
      this.#ask(census);
      return;
    }
    this.#running.delete(id);
    if (verdict === 'nobody') this.#effects.nobodyHolds(census.record);
  }

  /** A thread that was asked has ended: what it held is gone with it, so the count begins anew. */
  linkClosed(link: Link): void {
    for (const { id, record, links } of [...this.#running.values()]) {
      if (!links.has(link)) continue;
      this.#running.delete(id);
      if (record.state !== 'DEAD') this.start(record);
    }
  }

  /** Made here, never sent, and no name led others to it as a handle of their own: no other thread need be asked. */
  #neverLeft(record: ActorRecord, own: Holding): boolean {
    return own.sent === 0 && record.aliases.length === 0 && this.#effects.isMadeHere(record.actor);
  }

  /** The driver's thread and all that live beside it. */
  #threads(): number {
    return 1 + this.#effects.openLinks().length;
  }

  #ask(census: RunningCensus): void {
    const links = this.#effects.openLinks();
    census.links = new Set(links);
    for (const link of links) link.entry().push(Kind.Census, census.id, census.record.actor);
    this.answered(census.id, this.#effects.holding(census.record.actor));
  }
}
