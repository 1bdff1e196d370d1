/**
 * A pool of actors that share out work. Ray: `ray.util.ActorPool`.
 *
 * An actor has one task of the pool at a time; what finds no free actor waits in order. An actor whose task
 * failed is back in the pool like any other. Results are taken either in the order of submitting (`getNext`)
 * or as they come (`getNextUnordered`); once one came out of order, those submitted before it cannot be had
 * in order any more.
 */
import { checkInteger, checkKnown, quote, realClock } from '@heddle/base';
import { targetOf } from './actor-handle.ts';
import { GetTimeoutError } from './errors.ts';
import { ObjectRef } from './object-ref.ts';
import { type GetOptions, get } from './public-api.ts';

/** Starts a task for `value` on `actor` and returns its ref. */
export type PoolTask<Handle, Value, Result> = (actor: Handle, value: Value) => ObjectRef<Result>;

interface Running<Handle> {
  readonly index: number;
  readonly actor: Handle;
  readonly ref: ObjectRef;
}

export class ActorPool<Handle extends object> {
  readonly #idle: Handle[] = [];
  /** Submitted and not yet taken, by the order of submitting. */
  readonly #running = new Map<number, Running<Handle>>();
  readonly #waiting: (() => void)[] = [];
  #submitted = 0;
  #nextIndex = 0;

  /** @throws TypeError for what is no actor handle, or for the same actor twice. */
  constructor(actors: readonly Handle[]) {
    if (!Array.isArray(actors))
      throw new TypeError(`Cannot make an actor pool of ${quote(actors)}: expected a list of handles`);
    for (const actor of actors) this.push(actor);
  }

  /** Starts `task` for `value` on a free actor, or when one becomes free. */
  submit<Value, Result>(task: PoolTask<Handle, Value, Result>, value: Value): void {
    if (typeof task !== 'function')
      throw new TypeError(`Cannot submit ${quote(task)} to an actor pool: expected a function`);
    const actor = this.#idle.shift();
    if (actor === undefined) {
      this.#waiting.push(() => this.submit(task, value));
      return;
    }
    const ref = task(actor, value);
    if (!(ref instanceof ObjectRef)) {
      this.#idle.unshift(actor);
      throw new TypeError(`Cannot submit to an actor pool: its task returned ${String(ref)}, expected an ObjectRef`);
    }
    const index = this.#submitted++;
    this.#running.set(index, { index, actor, ref });
  }

  /** Results for `values`, in their order. */
  async *map<Value, Result>(
    task: PoolTask<Handle, Value, Result>,
    values: Iterable<Value>,
  ): AsyncGenerator<Result, void> {
    this.#discardResults();
    for (const value of values) this.submit(task, value);
    while (this.hasNext()) yield (await this.getNext()) as Result;
  }

  /** Results for `values`, as they come. */
  async *mapUnordered<Value, Result>(
    task: PoolTask<Handle, Value, Result>,
    values: Iterable<Value>,
  ): AsyncGenerator<Result, void> {
    this.#discardResults();
    for (const value of values) this.submit(task, value);
    while (this.hasNext()) yield (await this.getNextUnordered()) as Result;
  }

  /** Whether a result is left to take. */
  hasNext(): boolean {
    return this.#running.size > 0;
  }

  /** Whether a task submitted now would start at once. */
  hasFree(): boolean {
    return this.#idle.length > 0 && this.#waiting.length === 0;
  }

  /**
   * The result of the task submitted first of those not taken; its failure is thrown.
   * @throws RangeError when none is left, or when a later one was taken before it; GetTimeoutError at the
   * deadline, and then the result is still there.
   */
  async getNext(options: GetOptions = {}): Promise<unknown> {
    this.#checkNext('getNext', options);
    const next = this.#running.get(this.#nextIndex);
    if (next === undefined)
      throw new RangeError('Cannot get the next result in order: a later one was taken before with getNextUnordered');
    await settled([next.ref], options.timeoutMs);
    this.#nextIndex++;
    return this.#take(next);
  }

  /** The result of whichever task ends first; its failure is thrown. Errors as `getNext`. */
  async getNextUnordered(options: GetOptions = {}): Promise<unknown> {
    this.#checkNext('getNextUnordered', options);
    const running = [...this.#running.values()];
    await settled(
      running.map((each) => each.ref),
      options.timeoutMs,
    );
    const first = running.find((each) => each.ref.isSettled && this.#running.has(each.index))!;
    this.#nextIndex = Math.max(this.#nextIndex, first.index + 1);
    return this.#take(first);
  }

  /** Adds an actor. @throws TypeError when the pool has it, or for what is no actor handle. */
  push(actor: Handle): void {
    const target = targetOf(actor);
    if (target === undefined)
      throw new TypeError(`Cannot push ${String(actor)} to an actor pool: expected an actor handle`);
    const all = [...this.#idle, ...[...this.#running.values()].map((each) => each.actor)];
    if (all.some((each) => targetOf(each)?.actor === target.actor))
      throw new TypeError(`Cannot push actor "${target.actorId}" to an actor pool: the pool has it`);
    this.#giveBack(actor);
  }

  /** Takes a free actor out of the pool, if there is one. */
  popIdle(): Handle | undefined {
    return this.hasFree() ? this.#idle.shift() : undefined;
  }

  #checkNext(action: string, options: GetOptions): void {
    checkKnown(action, options, ['timeoutMs']);
    if (options.timeoutMs !== undefined) checkInteger(action, 'timeoutMs', options.timeoutMs, { min: 0 });
    if (!this.hasNext()) throw new RangeError('Cannot get the next result: none is left');
  }

  #take(taken: Running<Handle>): Promise<unknown> {
    this.#running.delete(taken.index);
    this.#giveBack(taken.actor);
    return get(taken.ref);
  }

  #giveBack(actor: Handle): void {
    this.#idle.push(actor);
    this.#waiting.shift()?.();
  }

  /** `map` begins with an empty pool, as Ray's does: results nobody took are given up, their actors stay busy until done. */
  #discardResults(): void {
    for (const running of [...this.#running.values()]) {
      this.#running.delete(running.index);
      running.ref.then(
        () => this.#giveBack(running.actor),
        () => this.#giveBack(running.actor),
      );
    }
    this.#nextIndex = this.#submitted;
  }
}

/** Resolves when one of the refs is settled, either way. */
async function settled(refs: readonly ObjectRef[], timeoutMs: number | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = () => resolve();
  for (const ref of refs) ref.then(done, done);
  if (timeoutMs === undefined) return promise;
  if (timeoutMs === 0 && !refs.some((ref) => ref.isSettled)) throw new GetTimeoutError(0, 1);
  using _deadline = realClock.after(timeoutMs, () => reject(new GetTimeoutError(timeoutMs, 1)));
  await promise;
}
