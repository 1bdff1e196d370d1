/**
 * One incarnation of one actor in its thread: the object, its mailboxes, its running calls.
 *
 *                  1          2            3
 *   CONSTRUCTING ──▶ ALIVE ──▶ LEAVING ──▶ OVER
 *        └── 4 ──────── 5 ─────── 5 ──────▶
 *
 * 1. The constructor returned. 2. `exitActor()` was called, or the actor is retired: running calls finish,
 * nothing begins. 3. They have finished, and so has `onShutdown`. 4. The module or the constructor failed.
 * 5. The actor was killed.
 *
 * Every envelope handed to `accept` is answered exactly once: with the method's outcome, `cancelled`,
 * `interrupted` when it had begun and the actor was killed, or `unbegun`. What a method returns after that is
 * dropped.
 */
import type { Clock } from '@heddle/base';
import type { ActorContext } from './actor-context.ts';
import { ActorScope } from './actor-scope.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Envelope } from './envelope.ts';
import { type Concurrency, type Lane, Lanes, NO_LIMITS } from './lanes.ts';
import type { Link } from './link.ts';
import type { CellKey } from './protocol.ts';
import { ActorExit, inAsyncContext, inOwnContext, newScope } from './runtime-context.ts';
import type { TaskLog } from './task-log.ts';
import type { Telemetry } from './telemetry.ts';

/** What cells have in common whose actors were made alike. */
export interface CellTerms {
  readonly declaration: ClassDeclaration;
  readonly concurrency: Concurrency;
  /** Whether never more than one call runs. */
  readonly runsOne: boolean;
}

/** How the host answers. */
export interface Replies {
  readonly clock: Clock;
  result(envelope: Envelope, value: unknown, declaration: ClassDeclaration): void;
  failure(envelope: Envelope, thrown: unknown): void;
  readonly log: TaskLog;
  readonly telemetry: Telemetry | undefined;
  /** Runs a generator and sends what it yields. Settles as it ends. */
  produce(envelope: Envelope, generator: unknown, declaration: ClassDeclaration): Promise<void>;
  cancelled(envelope: Envelope, declaration: ClassDeclaration): void;
  interrupted(envelope: Envelope): void;
  unbegun(envelope: Envelope): void;
  /** Whether the driver has killed the cell; the entry that ends it may still be on its way. */
  isKilled(cell: ActorCell): boolean;
  /** The actor has left: the last running call and the hook have ended. */
  exited(cell: ActorCell): void;
}

type State = 'CONSTRUCTING' | 'ALIVE' | 'LEAVING' | 'OVER';

type Hook = () => unknown;

type Method = (...args: readonly unknown[]) => unknown;

type Methods = Record<string, Method>;

/** How long `onShutdown` may take. */
const SHUTDOWN_LIMIT_MS = 30_000;

export class ActorCell extends ActorScope {
  readonly key: CellKey;
  declare readonly context: ActorContext;
  readonly #terms: CellTerms;
  readonly #replies: Replies;
  /** Made when a call must wait or outlasts its turn, or may: most actors run each call as it comes. */
  #lanes: Lanes | undefined;
  /** Where many calls run at once: what methods that are not async run in, one after another. */
  #spare: ActorScope | undefined;
  #state: State = 'CONSTRUCTING';
  #retires = false;
  #wasCalled = false;
  #instance: Methods | undefined;

  constructor(key: CellKey, terms: CellTerms, context: ActorContext, replies: Replies) {
    super(context);
    this.key = key;
    this.#terms = terms;
    this.#replies = replies;
  }

  get declaration(): ClassDeclaration {
    return this.#terms.declaration;
  }

  get state(): State {
    return this.#state;
  }

  /** Runs the constructor. @throws what it throws; the cell is then OVER. */
  construct(actorClass: new (...args: unknown[]) => object, args: readonly unknown[]): void {
    if (this.#state !== 'CONSTRUCTING') return; // Killed while its module was loading.
    try {
      this.#instance = inOwnContext(this, () => new actorClass(...args)) as never;
    } catch (error) {
      this.end();
      throw error instanceof ActorExit ? new Error('its constructor called exitActor()') : error;
    }
    this.#state = 'ALIVE';
    if (this.#lanes !== undefined) for (const lane of this.#lanes.all()) this.#runWaiting(lane);
    if (this.#retires) this.retire();
  }

  accept(envelope: Envelope): void {
    if (this.#state === 'LEAVING' || this.#state === 'OVER') {
      this.#replies.unbegun(envelope);
      return;
    }
    const lane = this.#needsNoLane ? undefined : this.#laneOf(envelope);
    if (lane === undefined || (this.#state === 'ALIVE' && lane.isFree)) this.#run(envelope, lane);
    else lane.post(envelope);
  }

  /** Cancels the call in that slot of that link: a queued one never starts, a running one sees its signal. */
  cancel(link: Link, slot: number, recursive: boolean): void {
    if (this.#lanes === undefined) return;
    const isMeant = (envelope: Envelope) => envelope.link === link && envelope.slot === slot;
    for (const lane of this.#lanes.all()) {
      const queued = lane.remove(isMeant);
      if (queued !== undefined) this.#replies.cancelled(queued, this.declaration);
    }
    for (const envelope of this.#lanes.outlasting) if (isMeant(envelope)) envelope.cancel(recursive);
  }

  /** Ends the actor in order: what waits is finished, then `onShutdown` runs. */
  retire(): void {
    this.#retires = true;
    if (this.#state === 'ALIVE' && this.#isIdle()) this.#leave();
  }

  /** Ends the actor now: nothing more of it begins, what runs is not waited for, no hook runs. */
  end(): void {
    if (this.#state === 'OVER') return;
    this.#state = 'OVER';
    if (this.#lanes === undefined) return;
    for (const envelope of this.#lanes.outlasting.takeAll()) {
      envelope.producer?.abandon();
      this.#replies.interrupted(envelope);
    }
    for (const envelope of this.#lanes.drainAll()) this.#replies.unbegun(envelope);
  }

  /** No call has had to wait or has outlasted its turn, and there is no group that may be full. */
  get #needsNoLane(): boolean {
    return this.#lanes === undefined && this.#state === 'ALIVE' && this.#terms.concurrency.groups === NO_LIMITS;
  }

  #allLanes(): Lanes {
    const { concurrency, declaration } = this.#terms;
    this.#lanes ??= new Lanes(concurrency, declaration.isAsync);
    return this.#lanes;
  }

  #laneOf(envelope: Envelope): Lane {
    const lanes = this.#allLanes();
    if (!lanes.hasGroups) return lanes;
    const { methods, methodOptions } = this.declaration;
    return lanes.of(envelope.group ?? methodOptions[methods[envelope.method]!]?.concurrencyGroup);
  }

  #runWaiting(lane: Lane): void {
    while (this.#state === 'ALIVE' && lane.running < lane.limit) {
      const envelope = lane.take();
      if (envelope === undefined) return;
      this.#run(envelope, lane);
    }
  }

  #run(envelope: Envelope, lane: Lane | undefined): void {
    if (this.#replies.isKilled(this)) {
      this.#replies.unbegun(envelope);
      return;
    }
    if (!envelope.link.begin(envelope.slot)) {
      this.#replies.cancelled(envelope, this.declaration);
      this.#leaveIfDone();
      return;
    }
    envelope.context = this.context;
    if (this.#replies.log.traces(this.declaration)) this.#trace(envelope);
    const name = this.declaration.methods[envelope.method]!;
    let result: unknown;
    let comesLater = false;
    try {
      const instance = this.#instance!;
      const { carrier } = envelope;
      result =
        carrier === undefined
          ? this.#invoke(envelope, instance, name)
          : this.#replies.telemetry!.run(`${this.declaration.name}.${name}`, carrier, () =>
              this.#invoke(envelope, instance, name),
            );
      if (envelope.window !== undefined) result = this.#replies.produce(envelope, result, this.declaration);
      comesLater = isThenable(result); // Looking at `then` may run code of the user's.
    } catch (error) {
      this.#leaveSpare(envelope, false);
      this.#answer(envelope, false, error);
      return;
    }
    this.#leaveSpare(envelope, comesLater);
    if (comesLater) this.#follow(Promise.resolve(result), envelope, lane ?? this.#laneOf(envelope));
    else this.#answer(envelope, true, result);
  }

  /** Only a call that outlasts its turn counts as running: nothing can come between the others and their answer. */
  #follow(result: Promise<unknown>, envelope: Envelope, lane: Lane): void {
    this.#allLanes().outlasting.add(envelope);
    lane.running++;
    result.then(
      (value) => this.#finish(envelope, lane, true, value),
      (error) => this.#finish(envelope, lane, false, error),
    );
  }

  #finish(envelope: Envelope, lane: Lane, isValue: boolean, value: unknown): void {
    lane.running--;
    if (!this.#allLanes().outlasting.remove(envelope)) return; // Killed meanwhile: it was answered then.
    this.#answer(envelope, isValue, value);
    this.#runWaiting(lane);
  }

  #invoke(envelope: Envelope, instance: Methods, name: string): unknown {
    const method = instance[name]!;
    if (this.#terms.runsOne) return this.#invokeAlone(envelope, instance, method);
    if (method instanceof AsyncFunction || envelope.window !== undefined) {
      const enter = envelope.carrier === undefined ? inOwnContext : inAsyncContext; // Telemetry's context is about it.
      return enter(envelope, () => method.apply(instance, envelope.args as unknown[]));
    }
    this.#spare ??= newScope(this.context);
    return this.#spare.run(envelope, instance, method, envelope.args);
  }

  #invokeAlone(envelope: Envelope, instance: Methods, method: Method): unknown {
    if (this.isSettled) return this.run(envelope, instance, method, envelope.args);
    return inOwnContext(this, () => {
      if (this.#wasCalled) this.settle(); // A context that is kept weighs as much as all the rest of an actor that is called once.
      this.#wasCalled = true;
      this.envelope = envelope;
      return method.apply(instance, envelope.args as unknown[]);
    });
  }

  /** `staysIn`: the call goes on in the spare scope after all, and the next one has one of its own. */
  #leaveSpare(envelope: Envelope, staysIn: boolean): void {
    if (this.#spare?.envelope !== envelope) return;
    if (staysIn) this.#spare = undefined;
    else this.#spare.envelope = undefined;
  }

  #trace(envelope: Envelope): void {
    const { link, order, method } = envelope;
    envelope.run = this.#replies.log.run(link.peer, order, this.declaration, method);
  }

  #answer(envelope: Envelope, isValue: boolean, value: unknown): void {
    if (envelope.run !== undefined) this.#replies.log.ran(envelope.run);
    this.envelope = undefined;
    if (!isValue && value instanceof ActorExit) {
      this.#replies.interrupted(envelope);
      if (this.#state === 'ALIVE') this.#leave();
      else this.#exitWhenDone();
      return;
    }
    if (this.#replies.isKilled(this)) this.#replies.interrupted(envelope);
    else if (envelope.isCancelled) this.#replies.cancelled(envelope, this.declaration);
    else if (isValue) this.#replies.result(envelope, value, this.declaration);
    else this.#replies.failure(envelope, value);
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (this.#state === 'LEAVING') this.#exitWhenDone();
    else if (this.#retires && this.#state === 'ALIVE' && this.#isIdle()) this.#leave();
  }

  #isIdle(): boolean {
    return this.#lanes === undefined || (this.#lanes.outlasting.size === 0 && this.#lanes.isEmpty);
  }

  #leave(): void {
    this.#state = 'LEAVING';
    if (this.#lanes !== undefined) for (const waiting of this.#lanes.drainAll()) this.#replies.unbegun(waiting);
    this.#exitWhenDone();
  }

  #exitWhenDone(): void {
    if (this.#state !== 'LEAVING' || (this.#lanes?.outlasting.size ?? 0) > 0) return;
    const hook = this.#hook();
    if (hook === undefined) this.#exited();
    else void this.#runHook(hook).then(() => this.#exited());
  }

  #exited(): void {
    if (this.#state === 'OVER') return; // Killed while the hook ran.
    this.#state = 'OVER';
    this.#replies.exited(this);
  }

  #hook(): Hook | undefined {
    try {
      const hook = (this.#instance as { onShutdown?: Hook }).onShutdown; // Looking may run code of the user's.
      return typeof hook === 'function' ? hook : undefined;
    } catch {
      return undefined;
    }
  }

  /** A hook that throws or takes too long keeps nobody from leaving. */
  async #runHook(hook: Hook): Promise<void> {
    const limit = Promise.withResolvers<void>();
    using _timer = this.#replies.clock.after(SHUTDOWN_LIMIT_MS, limit.resolve, { background: true });
    try {
      await Promise.race([inAsyncContext(this.context, () => hook.call(this.#instance)), limit.promise]);
    } catch {}
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
