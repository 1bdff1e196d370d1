/**
 * A group of actors that are started in order, watched, made anew by a strategy when one dies for good, and
 * ended in reverse order. OTP: `supervisor`. Ray has no counterpart.
 *
 * An actor's own `maxRestarts` comes first: the group acts when the actor is DEAD. It lives in the thread that
 * made it, and its members with it.
 */
import {
  type Clock,
  checkInteger,
  checkKnown,
  checkOneOf,
  checkString,
  HeddleError,
  quote,
  realClock,
  registerErrorClass,
} from '@heddle/base';
import { targetOf } from './actor-handle.ts';
import { type GroupLimits, judgeGroup, type RestartPolicy, type RestartStrategy } from './group-judge.ts';
import { kill, watch } from './public-api.ts';

/** An actor of an `ActorGroup`: how it is called, how it is made, and when it is made anew. */
export interface GroupMember<Handle extends object = object> {
  /** Unique in its group. */
  readonly id: string;
  /** Makes the actor: `() => Db.options({ name: 'db' }).remote()`. */
  readonly start: () => Handle;
  /** Default `permanent`: always made anew. `transient`: unless it exited of itself. `temporary`: never. */
  readonly restart?: RestartPolicy;
}

/** Whom an `ActorGroup` makes anew when one dies, and how often at most. */
export interface GroupOptions {
  /** `one-for-one`: the dead one; `one-for-all`: all; `rest-for-one`: it and those started after it. Default `one-for-one`. */
  readonly strategy?: RestartStrategy;
  /** More restarts than this within `withinMs` end the group. Default 3. */
  readonly maxRestarts?: number;
  /** In milliseconds. Default 30,000. */
  readonly withinMs?: number;
}

/** The group's members died too often: it has ended, and them with it. */
export class ActorGroupGaveUpError extends HeddleError {
  override readonly name = 'ActorGroupGaveUpError';
  override readonly code = 'ACTOR_GROUP_GAVE_UP';
}
registerErrorClass(ActorGroupGaveUpError);

interface Member {
  readonly member: GroupMember;
  readonly policy: RestartPolicy;
  handle: object;
  isAlive: boolean;
}

/**
 * Starts actors in order, watches them, and makes them anew by its strategy when one dies for good; more than
 * `maxRestarts` within `withinMs` end the group. OTP: `supervisor`. Ray has no counterpart.
 *
 * ```ts
 * await using group = new ActorGroup(
 *   [{ id: 'db', start: () => Db.remote() }, { id: 'web', start: () => Web.remote() }],
 *   { strategy: 'rest-for-one' },
 * );
 * await group.get<ActorHandle<typeof Web>>('web').serve.remote();
 * await group.ended;
 * ```
 */
export class ActorGroup implements AsyncDisposable {
  /** Resolves when the group was closed; rejects with `ActorGroupGaveUpError` when it gave up. */
  readonly ended: Promise<void>;
  readonly #limits: GroupLimits;
  readonly #clock: Clock;
  readonly #members: Member[];
  readonly #end = Promise.withResolvers<void>();
  #restartsMs: readonly number[] = [];
  #restarts = 0;
  #isOver = false;
  /** Deaths are judged one after another: two at once must not both restart the rest. */
  #turn: Promise<void> = Promise.resolve();

  /**
   * Starts the members in order. @throws TypeError, RangeError for a wrong option or two members of one id, and what
   * a member's `start` throws; those started before it are ended then.
   */
  constructor(members: readonly GroupMember[], options: GroupOptions = {}, clock: Clock = realClock) {
    this.#limits = resolveGroupOptions(options);
    this.#clock = clock;
    checkMembers(members);
    this.ended = this.#end.promise;
    this.ended.catch(() => {}); // Whoever does not look is not told.
    this.#members = [];
    try {
      for (const member of members) {
        const started = this.#start({ member, policy: member.restart ?? 'permanent', handle: {}, isAlive: false });
        this.#members.push(started);
      }
    } catch (error) {
      void this.close(); // Nobody gets the group: what it has started would live for ever.
      throw error;
    }
  }

  /** How often members were made anew by the group. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The member's present handle. @throws RangeError for an id that the group does not have. */
  get<Handle extends object>(id: string): Handle {
    const found = this.#members.find(({ member }) => member.id === id);
    if (found === undefined)
      throw new RangeError(`Cannot get member ${JSON.stringify(id)}: the group has no such member`);
    return found.handle as Handle;
  }

  /** Ends all members, last started first. Closing twice is fine. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#stop(this.#members.map((_, place) => place));
    this.#end.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(member: Member): Member {
    const handle = member.member.start();
    if (targetOf(handle) === undefined)
      throw new TypeError(
        `Cannot start member ${quote(member.member.id)}: its start returned ${quote(handle)}, expected an actor handle`,
      );
    member.handle = handle;
    member.isAlive = true;
    void watch(handle).then(({ cause, isIntended }) => {
      if (member.handle !== handle) return; // An earlier one, which the group itself has replaced.
      member.isAlive = false;
      this.#turn = this.#turn
        .then(() => this.#died(member, handle, isIntended, cause))
        .catch((error) => this.#giveUp(member, 'it cannot be started anew', error));
    });
    return member;
  }

  async #died(member: Member, handle: object, wasIntended: boolean, cause: unknown): Promise<void> {
    if (this.#isOver || member.handle !== handle) return;
    const states = this.#members.map(({ policy, isAlive }) => ({ policy, isAlive }));
    const judged = judgeGroup(
      this.#limits,
      states,
      this.#members.indexOf(member),
      wasIntended,
      this.#restartsMs,
      this.#clock.monotonicMs(),
    );
    switch (judged.verdict) {
      case 'let die':
        return;
      case 'give up':
        return this.#giveUp(
          member,
          `more than ${this.#limits.maxRestarts} restarts in ${this.#limits.withinMs} ms`,
          cause,
        );
      case 'restart':
        this.#restartsMs = judged.restartsMs;
        this.#restarts++;
        await this.#stop(judged.members);
        for (const place of judged.members) this.#start(this.#members[place]!);
    }
  }

  async #giveUp(member: Member, why: string, cause: unknown): Promise<void> {
    this.#isOver = true;
    await this.#stop(this.#members.map((_, place) => place));
    const id = JSON.stringify(member.member.id);
    this.#end.reject(new ActorGroupGaveUpError(`Cannot keep member ${id} alive: ${why}`, { cause }));
  }

  async #stop(places: readonly number[]): Promise<void> {
    for (const place of [...places].reverse()) {
      const member = this.#members[place]!;
      if (!member.isAlive) continue;
      member.isAlive = false;
      await kill(member.handle);
    }
  }
}

function resolveGroupOptions(options: GroupOptions): GroupLimits {
  const action = 'make an actor group';
  checkKnown(action, options, ['strategy', 'maxRestarts', 'withinMs']);
  const { strategy = 'one-for-one', maxRestarts = 3, withinMs = 30_000 } = options;
  checkOneOf(action, 'strategy', strategy, ['one-for-one', 'one-for-all', 'rest-for-one']);
  checkInteger(action, 'maxRestarts', maxRestarts, { min: 0 });
  checkInteger(action, 'withinMs', withinMs, { min: 1 });
  return { strategy, maxRestarts, withinMs };
}

function checkMembers(members: readonly GroupMember[]): void {
  const action = 'make an actor group';
  const ids = new Set<string>();
  if (!Array.isArray(members)) throw new TypeError(`Cannot ${action} of ${quote(members)}: expected a list of members`);
  for (const member of members) {
    checkKnown(action, member, ['id', 'start', 'restart']);
    checkString(action, 'id', member.id);
    if (typeof member.start !== 'function')
      throw new TypeError(`Cannot ${action}: member ${JSON.stringify(member.id)} has no start function`);
    if (member.restart !== undefined)
      checkOneOf(action, 'restart', member.restart, ['permanent', 'transient', 'temporary']);
    if (ids.has(member.id))
      throw new RangeError(`Cannot ${action}: two members have the id ${JSON.stringify(member.id)}`);
    ids.add(member.id);
  }
}
