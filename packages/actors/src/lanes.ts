import type { Envelope } from './envelope.ts';
import { Mailbox } from './mailbox.ts';
import { RunningCalls } from './running-calls.ts';

/** How many calls of an actor run at once, in its default group and in those it declares. */
export interface Concurrency {
  /** Of the default group; 0: by the class, 1 or 1,000 if it has an async method. */
  readonly limit: number;
  readonly groups: Readonly<Record<string, number>>;
}

/** One concurrency group of one actor: its limit, what waits in it, how many of its calls run. A full one delays no other. */
export class Lane extends Mailbox<Envelope> {
  readonly limit: number;
  running = 0;

  constructor(limit: number) {
    super();
    this.limit = limit;
  }

  /** Whether a call that comes now can begin now. */
  get isFree(): boolean {
    return this.size === 0 && this.running < this.limit;
  }
}

/** How many calls of a class with an async method run at once unless told otherwise. Ray's default too. */
const ASYNC_CONCURRENCY = 1_000;

/** The groups of actors that declare none. */
export const NO_LIMITS: Concurrency['groups'] = {};

const NO_GROUPS: ReadonlyMap<string, Lane> = new Map();

const limitOf = ({ limit }: Concurrency, isAsync: boolean): number =>
  limit === 0 ? (isAsync ? ASYNC_CONCURRENCY : 1) : limit;

/** Whether an actor never runs more than one call at a time. */
export const runsOne = (concurrency: Concurrency, isAsync: boolean): boolean =>
  limitOf(concurrency, isAsync) === 1 && concurrency.groups === NO_LIMITS;

/** The lane of an actor's default group, with those of the groups that it declares, and its calls that outlast their turn. */
export class Lanes extends Lane {
  readonly outlasting = new RunningCalls();
  readonly #groups: ReadonlyMap<string, Lane>;

  constructor(concurrency: Concurrency, isAsync: boolean) {
    super(limitOf(concurrency, isAsync));
    this.#groups = concurrency.groups === NO_LIMITS ? NO_GROUPS : groupsOf(concurrency.groups);
  }

  get hasGroups(): boolean {
    return this.#groups.size > 0;
  }

  /** The lane of a group; the default one for undefined. Callers have checked the name. */
  of(group: string | undefined): Lane {
    return group === undefined ? this : (this.#groups.get(group) ?? this);
  }

  all(): Lane[] {
    return [this, ...this.#groups.values()];
  }

  /** Whether no call waits, in any group. */
  get isEmpty(): boolean {
    return this.size === 0 && (this.#groups.size === 0 || this.all().every((lane) => lane.size === 0));
  }

  drainAll(): Envelope[] {
    return this.isEmpty ? [] : this.all().flatMap((lane) => lane.drain());
  }
}

function groupsOf(limits: Concurrency['groups']): ReadonlyMap<string, Lane> {
  return new Map(Object.entries(limits).map(([name, limit]) => [name, new Lane(limit)]));
}
