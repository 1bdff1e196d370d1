/**
 * The actors that this thread knows: the way to each (`ActorRoute`), and the handles that its program has of them.
 *
 * The only writer of which actors those are: one is known from its making here, or from its first handle that arrives,
 * until the driver says that it is dead. Handles know on their own that theirs is.
 */
import { quote, realClock } from '@heddle/base';
import { type ActorTarget, type AnyHandle, type Caller, HandleMaker, targetOf } from './actor-handle.ts';
import { actorKeyOf, makerOf } from './actor-key.ts';
import { type ActorIdentity, ActorRoute, type ActorTerms } from './actor-route.ts';
import type { CallResult } from './call-result.ts';
import type { Calls } from './calls.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Definitions } from './definitions.ts';
import { checkNotEncoding, type Encoder } from './encoder.ts';
import type { Holding } from './handle-count.ts';
import { KeyTable } from './key-table.ts';
import type { Link } from './link.ts';
import { LostHandles } from './lost-handles.ts';
import type { ResolvedMethodOptions } from './method-options.ts';
import type { ActorKey } from './protocol.ts';
import type { Verdict } from './verdict.ts';

export interface KnownActorsParts {
  readonly threadId: number;
  readonly definitions: Definitions;
  readonly encoder: Encoder;
  readonly calls: Calls;
  /** Told of each actor that was made here and would die with this thread: that it lives, and that it is dead. */
  readonly onMade: ((isAlive: boolean) => void) | undefined;
}

export const OF_ANOTHER_RUNTIME = 'it belongs to another runtime';

const NOT_HELD: Holding = { holds: false, sent: 0, received: 0 };

export class KnownActors implements Caller {
  readonly #parts: KnownActorsParts;
  readonly #calls: Calls;
  readonly #routes = new KeyTable<ActorRoute>();
  readonly #handles = new HandleMaker(this);
  readonly #lost = new LostHandles(realClock, (target) => (target as ActorRoute).dropped()); // The collector's time is real.
  #keys = 0;
  /** Of those that `onMade` was told of, the living ones. */
  readonly #made = new Set<ActorKey>();

  constructor(parts: KnownActorsParts) {
    this.#parts = parts;
    this.#calls = parts.calls;
  }

  // ── Caller: what handles ask for ───────────────────────────────────────────────────────────────────────

  call(target: ActorTarget, method: number, args: readonly unknown[], options?: ResolvedMethodOptions): CallResult {
    return this.#calls.call(target as ActorRoute, method, args, options);
  }

  released(handle: AnyHandle, target: ActorTarget): void {
    checkNotEncoding(this.#parts.encoder, 'release a handle');
    this.#lost.released(handle);
    (target as ActorRoute).dropped();
  }

  // ── Knowing ────────────────────────────────────────────────────────────────────────────────────────────

  /** Names one more actor of this thread. */
  newKey(): ActorKey {
    return actorKeyOf(this.#parts.threadId, this.#keys++);
  }

  isMadeHere(actor: ActorKey): boolean {
    return makerOf(actor) === this.#parts.threadId;
  }

  /** An actor that this thread makes: the driver tells of it without being asked. */
  make(declaration: ClassDeclaration, terms: ActorTerms): ActorRoute {
    const route = this.#add(new ActorRoute(this.newKey(), terms, declaration, this.#calls));
    route.isSought = true;
    const { onMade } = this.#parts;
    if (onMade !== undefined && !terms.isDetached) {
      this.#made.add(route.actor);
      onMade(true);
    }
    return route;
  }

  /** Verdicts of the driver on an actor that this thread knows. */
  judged(actor: ActorKey, verdict: Verdict): void {
    const route = this.#routes.get(actor);
    route?.judged(verdict);
    if (!route?.isDead) return;
    this.#routes.delete(actor);
    if (this.#made.delete(actor)) this.#parts.onMade?.(false);
  }

  linkClosed(link: Link): void {
    for (const route of this.#all()) route.linkClosed(link);
  }

  /** Ends every call that is not settled: the runtime closes, no answer will come. */
  abandon(cause: unknown): void {
    for (const route of this.#all()) this.judged(route.actor, { kind: 'dead', cause });
  }

  /** The actors that calls are pending on, in words: the first of them, and whether there are more. */
  whatIsPending(): string[] {
    const routes = this.#all().filter(({ pending }) => pending > 0);
    const named = routes.slice(0, 3).map(({ pending, actorId, declaration }) => {
      return `${pending} on actor "${actorId}" of class ${declaration.name}`;
    });
    return [...named, ...(routes.length > 3 ? ['…'] : [])];
  }

  // ── Handles ────────────────────────────────────────────────────────────────────────────────────────────

  /** The handle of an actor that another thread told of. `counts`: it keeps the actor alive. */
  handleOf(identity: ActorIdentity, declaration: ClassDeclaration, counts: boolean): AnyHandle {
    return this.makeHandle(this.#routes.get(identity.actor) ?? this.#learn(identity, declaration), counts);
  }

  /** A handle of a detached actor does not count, whatever is wanted. */
  makeHandle(route: ActorRoute, wanted: boolean): AnyHandle {
    const counts = wanted && !route.terms.isDetached;
    const handle = this.#handles.make(route, counts);
    if (counts) {
      route.handles = route.handles.made();
      this.#lost.add(handle);
    }
    return handle;
  }

  /** A handle that counts has come here from another thread. */
  arrived(actor: ActorKey): void {
    const route = this.#routes.get(actor);
    if (route !== undefined) route.handles = route.handles.received();
  }

  /** The way to the actor behind what a program says is a handle. @throws TypeError for anything else, which is quoted. */
  routeBehind(handle: unknown, action: string): ActorRoute {
    const route = targetOf(handle) as ActorRoute | undefined;
    if (route === undefined) throw new TypeError(`Cannot ${action} ${quote(handle)}: expected an actor handle`);
    if (!this.isOurs(route)) throw new TypeError(`Cannot ${action} actor "${route.actorId}": ${OF_ANOTHER_RUNTIME}`);
    return route;
  }

  isOurs(route: ActorRoute): boolean {
    return route.isOf(this.#calls);
  }

  /** How far this thread holds on to an actor: for the driver's census. */
  holding(actor: ActorKey): Holding {
    const route = this.#routes.get(actor);
    return route === undefined ? NOT_HELD : route.holding();
  }

  #learn(identity: ActorIdentity, given: ClassDeclaration): ActorRoute {
    const declaration = this.#parts.definitions.intern(given);
    return this.#add(new ActorRoute(identity.actor, identity, declaration, this.#calls));
  }

  #add(route: ActorRoute): ActorRoute {
    this.#routes.set(route.actor, route);
    return route;
  }

  #all(): ActorRoute[] {
    return [...this.#routes.entries()].map(([, route]) => route);
  }
}
