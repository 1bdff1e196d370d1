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
/** Of another thread, which has not been asked for the value. */
const UNASKED = Symbol('unasked');
/** A value that was put: every reading gives a fresh one. */
const STORED = Symbol('stored');

/** Where the value of a ref comes from, and who must know when the ref is given up. */
export interface RefKeeper {
  /** Asks for the value of a ref that was made by `ObjectRef.unasked`. */
  request(): void;
  released(): void;
}

/** A value that gives a fresh copy of itself. */
export interface Readable {
  read(): unknown;
}

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

/**
 * The name of a value that is there already or will be: await it, `get` it, or pass it on as an argument. Calls,
 * tasks and `put` make refs; a program never constructs one. Ray: `ObjectRef`.
 */
export class ObjectRef<T = unknown> implements PromiseLike<T>, Disposable {
  /** @internal Told when a pending ref is waited for: where tasks run, a task that waits gives its place up. */
  static onWait: ((ref: { whenSettled(action: () => void): void }) => void) | undefined;
  private state: symbol = PENDING;
  #value: unknown = undefined;
  #waiting: Reaction | Reaction[] | undefined;
  #isReleased = false;

  // biome-ignore lint/suspicious/noThenProperty: a ref is awaitable by design (semantics T4).
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onFailure?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const reaction = new Reaction(onValue, onFailure);
    if (this.state === UNASKED) this.request();
    if (this.state === PENDING && !this.#isReleased) ObjectRef.onWait?.(this);
    this.#serve(reaction);
    return reaction as unknown as PromiseLike<A | B>;
  }

  /** @internal The same for the runtime: nobody counts as waiting. */
  whenOutcome(onValue: (value: unknown) => void, onFailure: (error: unknown) => void): void {
    if (this.state === UNASKED) this.request();
    this.#serve(new Reaction(onValue, onFailure));
  }

  /** Once it is there: it may be released before that, and then who waits is served all the same. */
  #serve(reaction: Reaction): void {
    const value = this.#value;
    if (this.#isReleased) soon(() => reaction.run(false, releasedError()));
    else if (this.state === PENDING) this.#addWaiting(reaction);
    else if (this.state === STORED) {
      const reading = (value as Readable).read(); // Now: what was never read may be overwritten once it is released.
      soon(() => reaction.run(true, reading));
    } else {
      const isValue = this.state === FULFILLED;
      soon(() => reaction.run(isValue, value));
    }
  }

  /** @internal What settles this ref, while nobody has: for `cancel`. */
  origin: object | undefined;

  /** @internal Who keeps accounts of this ref: it was put, or has crossed a thread. */
  keeper: RefKeeper | undefined;

  /** @internal This thread's number of the call that settles it. */
  task: number | undefined;

  /** True once the value or the failure is here. */
  get isSettled(): boolean {
    return this.state !== PENDING && this.state !== UNASKED;
  }

  /**
   * Gives the ref up: its value may be freed. Waiting for it afterwards fails; who waits already is served.
   * Ray: what `del ref` does when it is the last one.
   */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.keeper !== undefined) this.keeper.released();
    else if (this.isSettled) this.#value = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** @internal Calls `action` when the ref has settled, soon if it has: of the runtime, so nobody counts as waiting. */
  whenSettled(action: () => void): void {
    if (this.state === UNASKED) this.request();
    const reaction = new Reaction(action, action);
    if (this.isSettled) soon(() => reaction.run(true, undefined));
    else this.#addWaiting(reaction);
  }

  #addWaiting(reaction: Reaction): void {
    if (this.#waiting === undefined) this.#waiting = reaction;
    else if (Array.isArray(this.#waiting)) this.#waiting.push(reaction);
    else this.#waiting = [this.#waiting, reaction];
  }

  /** @internal Asks the thread that has the value for it, if nobody did. */
  request(): void {
    if (this.state !== UNASKED) return;
    this.state = PENDING;
    this.keeper!.request();
  }

  #read(): unknown {
    return this.state === STORED ? (this.#value as Readable).read() : this.#value;
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

  /** For people: what `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `ObjectRef(${this.#isReleased ? 'released' : (this.state.description ?? '')})`;
  }

  /** @internal */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * @internal For any value. `instanceof` runs code of a Proxy, which may throw or lie; it is asked first all the same, for
   * of values that are no refs it is ten times as fast as the other.
   */
  static isRef(value: unknown): value is ObjectRef {
    try {
      return value instanceof ObjectRef && #isReleased in value;
    } catch {
      return false;
    }
  }

  /** @internal A ref whose value another thread has. */
  static unasked(keeper: RefKeeper): ObjectRef {
    const ref = new ObjectRef();
    ref.state = UNASKED;
    ref.keeper = keeper;
    return ref;
  }

  /** @internal A ref to a value that was put here. */
  static stored(value: Readable): ObjectRef {
    const ref = new ObjectRef();
    ref.state = STORED;
    ref.#value = value;
    return ref;
  }

  /** @internal The value that was put has arrived in this thread. */
  static settleStored(ref: ObjectRef, value: Readable, continuations: Continuations | undefined): void {
    if (ref.isSettled) return;
    ref.state = STORED;
    ref.#value = value;
    ref.#runWaiting(continuations);
  }

  /**
   * @internal A ref to what `old` names, whose program has given `old` up: it goes on where `old` was, and settles as
   * `old` does.
   */
  static again(old: ObjectRef): ObjectRef {
    const ref = new ObjectRef();
    ref.keeper = old.keeper;
    ref.origin = old.origin;
    ref.task = old.task;
    ref.state = old.state;
    ref.#value = old.#value;
    if (old.state === PENDING) old.whenSettled(() => ObjectRef.#follow(ref, old));
    else if (old.state !== UNASKED) ObjectRef.drop(old);
    return ref;
  }

  static #follow(ref: ObjectRef, old: ObjectRef): void {
    if (ref.isSettled) return;
    ref.state = old.state;
    ref.#value = old.#value;
    ref.origin = undefined;
    ref.#runWaiting(undefined);
    ObjectRef.drop(old);
  }

  /** @internal What was put, when that is what the ref holds. */
  static storedOf(ref: ObjectRef): Readable | undefined {
    return ref.state === STORED ? (ref.#value as Readable) : undefined;
  }

  /** @internal Nobody needs the value any more. Who waits for it already is served before it goes. */
  static drop(ref: ObjectRef, why: Error = releasedError()): void {
    ref.keeper = undefined;
    if (ref.state === PENDING) return;
    ref.state = REJECTED;
    ref.#value = why;
  }

  /** @internal Settles `ref`; who waits runs with `continuations`, or as microtasks where there are none. */
  static settle(ref: ObjectRef, isValue: boolean, value: unknown, continuations: Continuations | undefined): void {
    if (ref.isSettled) return;
    ref.state = isValue ? FULFILLED : REJECTED;
    ref.#value = value;
    ref.origin = undefined;
    if (ref.#waiting !== undefined) ref.#runWaiting(continuations);
    if (ref.#isReleased && ref.keeper === undefined) ref.#value = undefined;
  }

  #runWaiting(continuations: Continuations | undefined): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const isValue = this.state !== REJECTED;
    const value = this.#value;
    const read = this.state === STORED ? () => (value as Readable).read() : () => value;
    const run = Array.isArray(waiting)
      ? () => {
          for (const reaction of waiting) reaction.run(isValue, read());
        }
      : () => waiting.run(isValue, read());
    if (continuations === undefined) soon(run);
    else continuations.add(run);
  }

  /** @internal The value without a turn in between; only for a settled ref. */
  static valueOf(ref: ObjectRef): unknown {
    if (ref.#isReleased) throw releasedError();
    return ref.#read();
  }

  /** @internal The same for a ref that was given up here and that others still use. */
  static keptValueOf(ref: ObjectRef): unknown {
    return ref.#read();
  }
}

const SETTLED = Promise.resolve();

/** As a microtask, at a fraction of what `queueMicrotask` costs. `run` must not throw. */
function soon(run: () => void): void {
  void SETTLED.then(run);
}

const releasedError = (): TypeError => new TypeError('Cannot get the value of this ref: it was released');

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
