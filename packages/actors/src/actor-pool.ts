/**
 * A pool of actors that share out work. Ray: `ray.util.ActorPool`.
 *
 * An actor has one task of the pool at a time, and is free again when its result is taken; what finds no free actor
 * waits in order. An actor whose task failed is back in the pool like any other. Results are taken either in the
 * order of submitting (`getNext`) or as they come (`getNextUnordered`); once one came out of order, those submitted
 * before it cannot be had in order any more. Each result is taken once, however many wait for one.
 */
import { checkInteger, checkKnown, quote, realClock } from '@heddle/base';
import { targetOf } from './actor-handle.ts';
import { GetTimeoutError } from './errors.ts';
import { ObjectRef } from './object-ref.ts';
import { type GetOptions, get } from './public-api.ts';

/** Starts a task for `value` on `actor` and returns its ref. */
export type PoolTask<Handle, Value, Result> = (actor: Handle, value: Value) => ObjectRef<Result>;

/** What was submitted and not taken. It waits for a free actor, runs on one, or could not be started. */
interface Submission<Handle> {
  readonly index: number;
  readonly start: (actor: Handle) => ObjectRef;
  actor: Handle | undefined;
  ref: ObjectRef | undefined;
  /** What its task threw instead of returning a ref, when it was its turn. */
  failure: { readonly error: unknown } | undefined;
}

/**
 * Shares out work among actors, one task at a time to each. Ray: `ray.util.ActorPool`, where only one may wait for a
 * result at a time.
 *
 * ```ts
 * const pool = new ActorPool([Worker.remote(), Worker.remote()]);
 * for await (const result of pool.map((worker, page: string) => worker.read.remote(page), pages)) console.log(result);
 * ```
 */
export class ActorPool<Handle extends object> {
  readonly #idle: Handle[] = [];
  /** By the order of submitting. */
  readonly #left = new Map<number, Submission<Handle>>();
  /** Those of them that wait for a free actor, oldest first. */
  readonly #waiting: Submission<Handle>[] = [];
  /** Actors whose results were given up and that are not done. */
  readonly #discarded = new Set<Handle>();
  /** Told when a submission has found an actor or was given up. */
  readonly #onChange = new Set<() => void>();
  #submitted = 0;
  #nextIndex = 0;
  /** Ends when whoever takes a result now has it: two never take the same. */
  #taking: Promise<void> = Promise.resolve();

  /** @throws TypeError for what is no actor handle, or for the same actor twice. */
  constructor(actors: readonly Handle[]) {
    if (!Array.isArray(actors))
      throw new TypeError(`Cannot make an actor pool of ${quote(actors)}: expected a list of handles`);
    for (const actor of actors) this.push(actor);
  }

  /**
   * Starts `task` for `value` on a free actor, or when one becomes free.
   * @throws what `task` throws, and TypeError when it returns no ref; where it starts later, its result fails so.
   */
  submit<Value, Result>(task: PoolTask<Handle, Value, Result>, value: Value): void {
    this.#submit(task, value);
  }

  /** Results for `values`, in their order. @throws RangeError when another `map` has begun on the pool meanwhile. */
  async *map<Value, Result>(
    task: PoolTask<Handle, Value, Result>,
    values: Iterable<Value>,
  ): AsyncGenerator<Result, void> {
    const own = this.#submitAll(task, values);
    for (const each of own) yield (await this.#next(() => this.#stillLeft([each]), {})) as Result;
  }

  /** Results for `values`, as they come. Errors as `map`. */
  async *mapUnordered<Value, Result>(
    task: PoolTask<Handle, Value, Result>,
    values: Iterable<Value>,
  ): AsyncGenerator<Result, void> {
    const own = new Set(this.#submitAll(task, values));
    const taken = (each: Submission<Handle>) => own.delete(each);
    while (own.size > 0) yield (await this.#next(() => this.#stillLeft([...own]), {}, taken)) as Result;
  }

  /** Whether a result is left to take. */
  hasNext(): boolean {
    return this.#left.size > 0;
  }

  /** Whether a task submitted now would start at once. */
  hasFree(): boolean {
    return this.#idle.length > 0;
  }

  /**
   * The result of the task submitted first of those not taken; its failure is thrown.
   * @throws RangeError when none is left, or when a later one was taken before it; GetTimeoutError at the
   * deadline, and then the result is still there.
   */
  async getNext(options: GetOptions = {}): Promise<unknown> {
    checkWait('getNext', options);
    return await this.#next(() => {
      this.#checkLeft();
      const next = this.#left.get(this.#nextIndex);
      if (next === undefined)
        throw new RangeError('Cannot get the next result in order: a later one was taken before with getNextUnordered');
      return [next];
    }, options);
  }

  /** The result of whichever task ends first; its failure is thrown. Errors as `getNext`. */
  async getNextUnordered(options: GetOptions = {}): Promise<unknown> {
    checkWait('getNextUnordered', options);
    return await this.#next(() => {
      this.#checkLeft();
      return [...this.#left.values()];
    }, options);
  }

  /** Adds an actor. @throws TypeError when the pool has it, or for what is no actor handle. */
  push(actor: Handle): void {
    const target = targetOf(actor);
    if (target === undefined)
      throw new TypeError(`Cannot push ${quote(actor)} to an actor pool: expected an actor handle`);
    const busy = [...this.#left.values()].flatMap((each) => each.actor ?? []);
    if ([...this.#idle, ...this.#discarded, ...busy].some((each) => targetOf(each)?.actor === target.actor))
      throw new TypeError(`Cannot push actor "${target.actorId}" to an actor pool: the pool has it`);
    this.#giveBack(actor);
  }

  /** Takes a free actor out of the pool, if there is one. */
  popIdle(): Handle | undefined {
    return this.#idle.shift();
  }

  #submit(task: unknown, value: unknown): Submission<Handle> {
    if (typeof task !== 'function')
      throw new TypeError(`Cannot submit ${quote(task)} to an actor pool: expected a function`);
    const start = (actor: Handle) => checkRef(task(actor, value));
    const submission = { index: this.#submitted, start, actor: undefined, ref: undefined, failure: undefined };
    if (this.#idle.length === 0) this.#waiting.push(submission);
    else this.#start(submission);
    this.#left.set(this.#submitted++, submission);
    return submission;
  }

  /** On a free actor, which stays free when that throws. */
  #start(submission: Submission<Handle>): void {
    const actor = this.#idle[0]!;
    submission.ref = submission.start(actor);
    submission.actor = actor;
    this.#idle.shift();
  }

  #submitAll(task: unknown, values: Iterable<unknown>): Submission<Handle>[] {
    this.#discardResults();
    return Array.from(values, (value) => this.#submit(task, value));
  }

  #checkLeft(): void {
    if (!this.hasNext()) throw new RangeError('Cannot get the next result: none is left');
  }

  #stillLeft(own: readonly Submission<Handle>[]): readonly Submission<Handle>[] {
    if (own.every((each) => this.#left.get(each.index) === each)) return own;
    throw new RangeError('Cannot get the next result of a map: its results were taken, or given up for another map');
  }

  /** Takes the first of the candidates that is done. Takers are served one after another. */
  async #next(
    candidates: () => readonly Submission<Handle>[],
    { timeoutMs }: GetOptions,
    taken?: (submission: Submission<Handle>) => void,
  ): Promise<unknown> {
    const before = this.#taking;
    const turn = Promise.withResolvers<void>();
    this.#taking = before.then(() => turn.promise);
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => {}); // Nobody may be waiting when it comes.
    using _deadline =
      timeoutMs === undefined || timeoutMs === 0
        ? undefined
        : realClock.after(timeoutMs, () => late.reject(new GetTimeoutError(timeoutMs, 1)));
    try {
      await Promise.race([before, late.promise]);
      const done = await this.#firstDone(candidates, timeoutMs === 0, late.promise);
      taken?.(done);
      return this.#take(done);
    } finally {
      turn.resolve();
    }
  }

  async #firstDone(
    candidates: () => readonly Submission<Handle>[],
    isNowOrNever: boolean,
    late: Promise<never>,
  ): Promise<Submission<Handle>> {
    for (;;) {
      const listed = candidates();
      const done = listed.find(isDone);
      if (done !== undefined) return done;
      if (isNowOrNever) throw new GetTimeoutError(0, 1);
      const change = Promise.withResolvers<void>();
      const changed = () => change.resolve();
      for (const { ref } of listed) ref?.then(changed, changed);
      this.#onChange.add(changed);
      try {
        await Promise.race([change.promise, late]);
      } finally {
        this.#onChange.delete(changed);
      }
    }
  }

  #take(taken: Submission<Handle>): Promise<unknown> {
    this.#left.delete(taken.index);
    this.#nextIndex = Math.max(this.#nextIndex, taken.index + 1);
    if (taken.actor !== undefined) this.#giveBack(taken.actor);
    return taken.failure === undefined ? get(taken.ref!) : Promise.reject(taken.failure.error);
  }

  /** The actor is free: what waits longest starts on it. */
  #giveBack(actor: Handle): void {
    this.#idle.push(actor);
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const submission = this.#waiting.shift()!;
      try {
        this.#start(submission);
      } catch (error) {
        submission.failure = { error }; // Whoever takes its result is told.
      }
    }
    this.#tellChanged();
  }

  #tellChanged(): void {
    for (const changed of this.#onChange) changed();
  }

  /** `map` begins with an empty pool, as Ray's does: results nobody took are given up, their actors stay busy until done. */
  #discardResults(): void {
    this.#waiting.length = 0;
    for (const { actor, ref } of this.#left.values()) {
      if (actor === undefined) continue;
      this.#discarded.add(actor);
      ref!.whenSettled(() => {
        this.#discarded.delete(actor);
        this.#giveBack(actor);
      });
    }
    this.#left.clear();
    this.#nextIndex = this.#submitted;
    this.#tellChanged();
  }
}

/** A ref that was released settles for nobody: whoever takes it is told so. */
function isDone({ ref, failure }: Pick<Submission<object>, 'ref' | 'failure'>): boolean {
  return failure !== undefined || (ref !== undefined && (ref.isSettled || ref.isReleased));
}

function checkRef(ref: unknown): ObjectRef {
  if (ref instanceof ObjectRef) return ref;
  throw new TypeError(`Cannot submit to an actor pool: its task returned ${quote(ref)}, expected an ObjectRef`);
}

function checkWait(action: string, options: GetOptions): void {
  checkKnown(action, options, ['timeoutMs']);
  if (options.timeoutMs !== undefined) checkInteger(action, 'timeoutMs', options.timeoutMs, { min: 0 });
}
