import { ObjectRef } from './object-ref.ts';

/** What a stream asks of its call. */
export interface StreamEffects {
  /** The call. */
  readonly origin: object;
  /** So many items more were taken: the producer may go on. */
  taken(count: number): void;
  /** Nobody wants the rest. */
  cancel(): void;
  settle(ref: ObjectRef, isValue: boolean, value: unknown): void;
}

type Result = IteratorResult<ObjectRef, undefined>;

/**
 * The items of one generator call between their arrival and the consumer: those not taken, and those who wait.
 * The pending call keeps it; the consumer's `ObjectRefGenerator` stands before it, so that a dropped one is noticed.
 */
export class ItemStream {
  /** How many items the producer may be ahead; -1: any number. */
  readonly window: number;
  effects!: StreamEffects;
  readonly #ready: ObjectRef[] = [];
  #head = 0;
  readonly #waiting: ((result: Result) => void)[] = [];
  #received = 0;
  /** Items that a producer which runs again yields a second time. */
  #repeats = 0;
  #owed = 0;
  #isEnded = false;

  constructor(window: number) {
    this.window = window;
  }

  get origin(): object {
    return this.effects.origin;
  }

  /** The call is sent: what a producer before it has yielded comes again. */
  begin(): void {
    this.#repeats = this.#received;
  }

  yielded(value: unknown): void {
    if (this.#repeats > 0) {
      this.#repeats--;
      this.#take();
      return;
    }
    this.#received++;
    if (!this.#isEnded) this.#add(true, value);
  }

  /** The call is settled: a failure is the last item. */
  end(isValue: boolean, error: unknown): void {
    if (this.#isEnded) return;
    if (!isValue) this.#add(false, error);
    this.#isEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  next(): Result | Promise<Result> {
    if (this.#head < this.#ready.length) return { value: this.#shift(), done: false };
    if (this.#isEnded) return { value: undefined, done: true };
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#waiting.push(resolve);
    ObjectRef.onWait?.({ whenSettled: (action) => void promise.then(action) });
    return promise;
  }

  /** Nobody wants the rest: the producer is cancelled, and what comes is dropped. */
  close(): void {
    const isOver = this.#isEnded;
    this.end(true, undefined);
    this.#ready.length = 0;
    this.#head = 0;
    if (!isOver) this.effects.cancel();
  }

  #add(isValue: boolean, value: unknown): void {
    const ref = new ObjectRef();
    this.effects.settle(ref, isValue, value);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#ready.push(ref);
    else {
      waiting({ value: ref, done: false });
      if (isValue) this.#take();
    }
  }

  #shift(): ObjectRef {
    const ref = this.#ready[this.#head]!;
    this.#ready[this.#head++] = undefined as never;
    if (this.#head === this.#ready.length) {
      this.#ready.length = 0;
      this.#head = 0;
    }
    this.#take();
    return ref;
  }

  /** The producer hears once a turn. */
  #take(): void {
    if (this.window === -1 || this.#owed++ > 0) return;
    process.nextTick(() => {
      const count = this.#owed;
      this.#owed = 0;
      if (!this.#isEnded) this.effects.taken(count);
    });
  }
}

/** Streams whose consumer was collected. */
const dropped = new FinalizationRegistry<ItemStream>((stream) => stream.close());

/**
 * What a call of a generator gives at once: its items as refs, each there as soon as it was yielded. An error is the
 * last item. Ray: `ObjectRefGenerator`; there a producer whose generator is dropped runs on.
 *
 * ```ts
 * for await (const item of counter.countTo.remote(30)) console.log(await item);
 * ```
 * TypeScript gives the variable of `for await` the type of the value, although it holds a ref: `await` it, or use
 * `next()`, whose type is right.
 *
 * `return()`, leaving the loop, or dropping the generator cancels the producer. It cannot be passed on.
 */
export class ObjectRefGenerator<T = unknown> implements AsyncIterableIterator<ObjectRef<T>>, AsyncDisposable {
  /** A symbol: structured cloning refuses it. */
  readonly 'heddle generator': symbol = Symbol('generator');
  readonly #stream: ItemStream;

  /** @internal */
  constructor(stream: ItemStream) {
    this.#stream = stream;
    dropped.register(this, stream);
  }

  /** The next item as soon as it was yielded. It counts as taken: one that was waiting makes room for another. */
  async next(): Promise<IteratorResult<ObjectRef<T>, undefined>> {
    return this.#stream.next() as Result as IteratorResult<ObjectRef<T>, undefined>;
  }

  /** Cancels the producer; no item follows. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#stream.close();
    return { value: undefined, done: true };
  }

  get [Symbol.toStringTag](): string {
    return 'ObjectRefGenerator';
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** @internal */
  static streamOf(generator: ObjectRefGenerator): ItemStream {
    return generator.#stream;
  }
}
