/**
 * The actor behind a `Queue`: it alone holds the items, and those who wait for room or for an item.
 *
 * Who waits longest is served first. An item is never lost between a getter that gave up and one that came.
 */
import { HeddleError, realClock, registerErrorClass } from '@heddle/base';
import { remote } from './remote.ts';

/** The queue has no room (for that many). Ray: `ray.util.queue.Full`. */
export class QueueFullError extends HeddleError {
  override readonly name = 'QueueFullError';
  override readonly code = 'QUEUE_FULL';
  override readonly retryable = true;
}

/** The queue has no item (or not that many). Ray: `ray.util.queue.Empty`. */
export class QueueEmptyError extends HeddleError {
  override readonly name = 'QueueEmptyError';
  override readonly code = 'QUEUE_EMPTY';
  override readonly retryable = true;
}
registerErrorClass(QueueFullError);
registerErrorClass(QueueEmptyError);

/** How long to wait, in milliseconds; undefined: for ever. */
type TimeoutMs = number | undefined;

interface Waiter<T> {
  give(item: T): void;
}

class QueueHolder {
  readonly #maxSize: number;
  readonly #items: unknown[] = [];
  readonly #getters = new Set<Waiter<unknown>>();
  readonly #putters = new Set<Waiter<void>>();

  /** `maxSize` 0: no bound. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  async put(item: unknown, timeoutMs: TimeoutMs): Promise<void> {
    if (!this.isFull()) {
      this.#add(item);
      return;
    }
    const full = () =>
      new QueueFullError(`Cannot put an item within ${timeoutMs} ms: the queue holds ${this.#maxSize}`);
    await waitIn(this.#putters, timeoutMs, full, () => this.#items.push(item));
  }

  async get(timeoutMs: TimeoutMs): Promise<unknown> {
    if (this.#items.length > 0) return this.#take();
    const empty = () => new QueueEmptyError(`Cannot get an item within ${timeoutMs} ms: the queue is empty`);
    return waitIn(this.#getters, timeoutMs, empty, (item: unknown) => item);
  }

  putNowait(items: readonly unknown[]): void {
    if (this.#maxSize > 0 && this.#items.length + items.length > this.#maxSize) {
      throw new QueueFullError(
        `Cannot put ${items.length} items: the queue holds ${this.#items.length} of ${this.#maxSize}`,
      );
    }
    for (const item of items) this.#add(item);
  }

  getNowait(count: number): unknown[] {
    if (this.#items.length < count)
      throw new QueueEmptyError(`Cannot get ${count} items: the queue holds ${this.#items.length}`);
    return Array.from({ length: count }, () => this.#take());
  }

  size(): number {
    return this.#items.length;
  }

  isFull(): boolean {
    return this.#maxSize > 0 && this.#items.length >= this.#maxSize;
  }

  #add(item: unknown): void {
    const [getter] = this.#getters;
    if (getter === undefined) {
      this.#items.push(item);
    } else {
      this.#getters.delete(getter);
      getter.give(item);
    }
  }

  #take(): unknown {
    const item = this.#items.shift();
    const [putter] = this.#putters;
    if (putter !== undefined) {
      this.#putters.delete(putter);
      putter.give();
    }
    return item;
  }
}

export const QueueActor = remote(import.meta, QueueHolder);

/** Waits among `waiters` for its turn; then `take` does what was waited for, before anybody else comes. */
function waitIn<Given, Result>(
  waiters: Set<Waiter<Given>>,
  timeoutMs: TimeoutMs,
  tooLate: () => Error,
  take: (given: Given) => Result,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const waiter: Waiter<Given> = {
    give: (given) => {
      deadline?.cancel();
      resolve(take(given));
    },
  };
  waiters.add(waiter);
  const giveUp = () => {
    waiters.delete(waiter);
    reject(tooLate());
  };
  const deadline = timeoutMs === undefined ? undefined : realClock.after(timeoutMs, giveUp);
  return promise;
}
