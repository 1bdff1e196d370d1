/**
 * Runs a generator in its thread and sends what it yields, as far as the consumer lets it: it stands still while
 * `window` items were yielded and not taken. A generator that never waits lets its thread turn every millisecond.
 */
import type { Clock } from '@heddle/base';

export interface ProducerEffects {
  /** Sends one item. @throws for one that cannot be sent: the generator is then left. */
  yielded(value: unknown): void;
  /** The generator has ended, has thrown, or was left. */
  ended(isValue: boolean, value: unknown): void;
  /** Runs code of the generator in its call's context. */
  run<T>(action: () => T): T;
}

type AnyGenerator = Generator | AsyncGenerator;

const TURN_MS = 1;

export class Producer {
  readonly #generator: AnyGenerator;
  readonly #window: number;
  readonly #effects: ProducerEffects;
  readonly #clock: Clock;
  #untaken = 0;
  #isPaused = false;
  #isStopped = false;
  /** `return` was called on it. */
  #isLeft = false;
  #isOver = false;

  constructor(generator: AnyGenerator, window: number, effects: ProducerEffects, clock: Clock) {
    this.#generator = generator;
    this.#window = window;
    this.#effects = effects;
    this.#clock = clock;
  }

  start(): void {
    this.#effects.run(() => this.#go());
  }

  /** The consumer has taken so many items more. */
  taken(count: number): void {
    this.#untaken -= count;
    if (this.#isPaused && this.#hasRoom) this.start();
  }

  /** Nobody wants the rest: the generator is left at its next `yield`, its `finally` included. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#isPaused) this.start();
  }

  /** The actor is gone: nothing more is run of it. */
  abandon(): void {
    this.#isOver = true;
  }

  get #hasRoom(): boolean {
    return this.#window === -1 || this.#untaken < this.#window;
  }

  #go(): void {
    this.#isPaused = false;
    const endsAt = this.#clock.monotonicMs() + TURN_MS;
    let count = 0;
    while (!this.#isOver) {
      if (!this.#isStopped && !this.#hasRoom) {
        this.#isPaused = true;
        return;
      }
      let step: IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
      try {
        step = this.#isStopped ? this.#leave() : this.#generator.next();
      } catch (error) {
        this.#end(false, error);
        return;
      }
      if (step instanceof Promise) {
        this.#follow(step);
        return;
      }
      if (!step.done && isThenable(step.value)) {
        this.#follow(Promise.resolve(step.value).then((value) => ({ value, done: false })));
        return;
      }
      if (!this.#took(step)) return;
      if ((++count & 63) === 0 && this.#clock.monotonicMs() > endsAt) {
        setImmediate(() => this.#effects.run(() => this.#go()));
        return;
      }
    }
  }

  #leave(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    this.#isLeft = true;
    return this.#generator.return(undefined);
  }

  #follow(step: Promise<IteratorResult<unknown>>): void {
    step.then(
      (result) => {
        if (!this.#isOver && this.#took(result)) this.#go();
      },
      (error) => {
        if (!this.#isOver) this.#end(false, error);
      },
    );
  }

  /** Whether the generator goes on. */
  #took(step: IteratorResult<unknown>): boolean {
    if (step.done || this.#isLeft) {
      this.#end(true, undefined);
      return false;
    }
    if (this.#isStopped) return true; // It was under way when nobody wanted it any more: the generator is left next.
    this.#untaken++;
    try {
      this.#effects.yielded(step.value);
      return true;
    } catch (error) {
      Promise.resolve(this.#generator.return(undefined)).catch(() => {}); // Runs its `finally`.
      this.#end(false, error);
      return false;
    }
  }

  #end(isValue: boolean, value: unknown): void {
    this.#isOver = true;
    this.#effects.ended(isValue, value);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
