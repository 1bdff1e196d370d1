/**
 * The name of a value that is there already or will be.
 *
 * Awaitable: `await ref` gives the value, or throws the failure. A ref settles once. A failure that nobody
 * looks at passes in silence. Ray: `ObjectRef`.
 *
 * A ref is settled by the core of its thread and by nothing else. Continuations never run inside the code
 * that settles: they run at the end of the batch that brought the value, or as a microtask.
 *
 * Structured cloning would turn a ref into an empty object without a word. It refuses symbols, so the state is
 * one: a ref cannot be cloned by accident.
 */

const PENDING = Symbol('pending');
const FULFILLED = Symbol('fulfilled');
const REJECTED = Symbol('rejected');

type OnValue = ((value: never) => unknown) | null | undefined;
type OnFailure = ((error: unknown) => unknown) | null | undefined;

/** Runs what waits for settled refs once no user code is on the stack. */
export class Continuations {
  #waiting: (() => void)[] = [];

  add(run: () => void): void {
    this.#waiting.push(run);
  }

  /** Call only from the bottom of the stack. */
  run(): void {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (let i = 0; i < waiting.length; i++) waiting[i]!();
    }
  }
}

export class ObjectRef<T = unknown> implements PromiseLike<T> {
  private state: symbol = PENDING;
  #value: unknown = undefined;
  #waiting: Reaction | Reaction[] | undefined;

  // biome-ignore lint/suspicious/noThenProperty: a ref is awaitable by design (semantics T4).
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onFailure?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const reaction = new Reaction(onValue, onFailure);
    if (this.state === PENDING) {
      if (this.#waiting === undefined) this.#waiting = reaction;
      else if (Array.isArray(this.#waiting)) this.#waiting.push(reaction);
      else this.#waiting = [this.#waiting, reaction];
    } else {
      queueMicrotask(() => reaction.run(this.state === FULFILLED, this.#value));
    }
    return reaction as unknown as PromiseLike<A | B>;
  }

  /** @internal What settles this ref, while nobody has: for `cancel`. */
  origin: object | undefined;

  /** True once the value or the failure is here. */
  get isSettled(): boolean {
    return this.state !== PENDING;
  }

  /** The failure, when that is what the ref holds. */
  get failure(): { readonly error: unknown } | undefined {
    return this.state === REJECTED ? { error: this.#value } : undefined;
  }

  /** A promise of the same value. */
  toPromise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.then(resolve, reject);
    });
  }

  get [Symbol.toStringTag](): string {
    return 'ObjectRef';
  }

  /** @internal Settles `ref`; who waits runs with `continuations`, or as microtasks where there are none. */
  static settle(ref: ObjectRef, isValue: boolean, value: unknown, continuations: Continuations | undefined): void {
    if (ref.state !== PENDING) return;
    ref.state = isValue ? FULFILLED : REJECTED;
    ref.#value = value;
    ref.origin = undefined;
    const waiting = ref.#waiting;
    if (waiting === undefined) return;
    ref.#waiting = undefined;
    const run = Array.isArray(waiting)
      ? () => {
          for (const reaction of waiting) reaction.run(isValue, value);
        }
      : () => waiting.run(isValue, value);
    if (continuations === undefined) queueMicrotask(run);
    else continuations.add(run);
  }

  /** @internal The value without a turn in between; only for a settled ref. */
  static valueOf(ref: ObjectRef): unknown {
    return ref.#value;
  }
}

/**
 * One `then`, and what it returned. `await` never looks at what `then` returns, so the promise behind it is
 * made only when somebody does.
 */
class Reaction implements PromiseLike<unknown> {
  readonly #onValue: OnValue;
  readonly #onFailure: OnFailure;
  #outcome: PromiseWithResolvers<unknown> | undefined;
  #result: Promise<unknown> | undefined;

  constructor(onValue: OnValue, onFailure: OnFailure) {
    this.#onValue = onValue;
    this.#onFailure = onFailure;
  }

  run(isValue: boolean, value: unknown): void {
    const handler = isValue ? this.#onValue : this.#onFailure;
    if (typeof handler !== 'function') {
      this.#finish(isValue ? Promise.resolve(value) : quiet(Promise.reject(value)));
      return;
    }
    try {
      const result = (handler as (value: unknown) => unknown)(value);
      if (result !== undefined || this.#outcome !== undefined) this.#finish(Promise.resolve(result));
      else this.#result = DONE;
    } catch (error) {
      this.#finish(Promise.reject(error)); // Unhandled unless somebody looks, as with any promise.
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: what `then` returns must itself be awaitable.
  then<A = unknown, B = never>(
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null,
    onFailure?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise().then(onValue, onFailure);
  }

  catch<B = never>(onFailure?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<unknown> {
    return this.#promise().catch(onFailure);
  }

  finally(action?: (() => void) | null): Promise<unknown> {
    return this.#promise().finally(action);
  }

  #promise(): Promise<unknown> {
    if (this.#result !== undefined) return this.#result;
    this.#outcome ??= Promise.withResolvers<unknown>();
    return this.#outcome.promise;
  }

  #finish(result: Promise<unknown>): void {
    if (this.#outcome !== undefined) this.#outcome.resolve(result);
    this.#result = this.#outcome?.promise ?? result;
  }
}

const DONE: Promise<undefined> = Promise.resolve(undefined);

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
