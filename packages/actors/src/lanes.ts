import type { Envelope } from './envelope.ts';
import { Mailbox } from './mailbox.ts';

/** How many calls of an actor run at once, in its default group and in those it declares. */
export interface Concurrency {
  /** Of the default group; 0: by the class, 1 or 1,000 if it has an async method. */
  readonly limit: number;
  readonly groups: Readonly<Record<string, number>>;
}

/** One concurrency group of one actor: its limit, its mailbox, how many of its calls run. A full one delays no other. */
export interface Lane {
  readonly limit: number;
  readonly mailbox: Mailbox<Envelope>;
  running: number;
}

/** How many calls of a class with an async method run at once unless told otherwise. Ray's default too. */
const ASYNC_CONCURRENCY = 1_000;

/** For the many actors that declare none: a map of its own would be a tenth of what an idle actor weighs. */
const NO_GROUPS: ReadonlyMap<string, Lane> = new Map();

export class Lanes {
  readonly #default: Lane;
  readonly #groups: ReadonlyMap<string, Lane>;

  constructor(concurrency: Concurrency, isAsync: boolean) {
    this.#default = makeLane(concurrency.limit === 0 ? (isAsync ? ASYNC_CONCURRENCY : 1) : concurrency.limit);
    const groups = Object.entries(concurrency.groups);
    this.#groups = groups.length === 0 ? NO_GROUPS : new Map(groups.map(([name, limit]) => [name, makeLane(limit)]));
  }

  /** Whether never more than one call runs. */
  get runOne(): boolean {
    return this.#groups.size === 0 && this.#default.limit === 1;
  }

  /** The lane of a group; the default one for undefined. Callers have checked the name. */
  of(group: string | undefined): Lane {
    return group === undefined ? this.#default : (this.#groups.get(group) ?? this.#default);
  }

  all(): Lane[] {
    return [this.#default, ...this.#groups.values()];
  }

  drain(): Envelope[] {
    return this.all().flatMap((lane) => lane.mailbox.drain());
  }
}

const makeLane = (limit: number): Lane => ({ limit, mailbox: new Mailbox(), running: 0 });
