/**
 * A first-in first-out queue shared between threads, held by an actor of its own. Ray: `ray.util.queue.Queue`.
 *
 * It may be passed to actors like a handle. Waiting `put`s and `get`s are served in the order they came.
 */
import { checkBoolean, checkInteger, checkKnown, quote } from '@heddle/base';
import type { ActorHandle } from './actor-handle.ts';
import { TaskError } from './errors.ts';
import type { ObjectRef } from './object-ref.ts';
import type { ActorOptions } from './options.ts';
import { registerPassable } from './passable.ts';
import { kill } from './public-api.ts';
import { QueueActor } from './queue-actor.ts';

/** Options of a `Queue`. */
export interface QueueOptions {
  /** How many items it holds at most; 0: any number. Default 0, as Ray's. */
  readonly maxSize?: number;
  /** Options of the actor that holds the items. */
  readonly actorOptions?: ActorOptions;
}

/** Options of `Queue.put` and `Queue.get`. */
export interface QueueWaitOptions {
  /** Whether to wait for room or for an item. Default true. */
  readonly block?: boolean;
  /** How long to wait, in milliseconds. Default: for ever. */
  readonly timeoutMs?: number | undefined;
}

/** Waiting calls count as running; a bound lower than what may wait would let getters keep putters out. */
const WAITING_MAX = 1_000_000;

/**
 * A first-in first-out queue that actors, tasks and the driver share: pass it to them like a handle. Whoever waits
 * longest is served first. Ray: `ray.util.queue.Queue`.
 *
 * ```ts
 * const queue = new Queue<string>({ maxSize: 100 });
 * const reader = Reader.remote(queue);
 * await queue.put('page 1');
 * ```
 * @throws TypeError, RangeError for a wrong option.
 */
export class Queue<T = unknown> {
  readonly #actor: ActorHandle<typeof QueueActor>;

  /** `actor` is for the runtime: the queue over an actor that is there already. */
  constructor(options: QueueOptions = {}, actor?: object) {
    if (actor !== undefined) {
      this.#actor = actor as ActorHandle<typeof QueueActor>;
      return;
    }
    checkKnown('make a queue', options, ['maxSize', 'actorOptions']);
    const maxSize = options.maxSize ?? 0;
    checkInteger('make a queue', 'maxSize', maxSize, { min: 0 });
    this.#actor = QueueActor.options({
      maxConcurrency: WAITING_MAX,
      maxPendingCalls: -1,
      ...options.actorOptions,
    }).remote(maxSize);
  }

  /** Puts an item in, waiting for room. @throws QueueFullError when there is none (in time). */
  async put(item: T, options: QueueWaitOptions = {}): Promise<void> {
    checkWait('put an item', options);
    if (options.block === false) await this.putNowait(item);
    else await unwrap(this.#actor.put.remote(item, options.timeoutMs));
  }

  /** Takes the oldest item, waiting for one. @throws QueueEmptyError when there is none (in time). */
  async get(options: QueueWaitOptions = {}): Promise<T> {
    checkWait('get an item', options);
    if (options.block === false) return this.getNowait();
    return (await unwrap(this.#actor.get.remote(options.timeoutMs))) as T;
  }

  /** Puts an item in at once. @throws QueueFullError when there is no room. */
  async putNowait(item: T): Promise<void> {
    await unwrap(this.#actor.putNowait.remote([item]));
  }

  /** Takes the oldest item at once. @throws QueueEmptyError when there is none. */
  async getNowait(): Promise<T> {
    return (await this.getNowaitBatch(1))[0]!;
  }

  /** Puts all items in or none. @throws QueueFullError. */
  async putNowaitBatch(items: Iterable<T>): Promise<void> {
    if (typeof (items as Iterable<T> | undefined)?.[Symbol.iterator] !== 'function')
      throw new TypeError(`Cannot put items ${quote(items)} into a queue: expected a list of them`);
    await unwrap(this.#actor.putNowait.remote([...items]));
  }

  /** Takes that many items or none. @throws QueueEmptyError. */
  async getNowaitBatch(count: number): Promise<T[]> {
    checkInteger('get items', 'count', count, { min: 0 });
    return (await unwrap(this.#actor.getNowait.remote(count))) as T[];
  }

  /** How many items it holds. */
  async size(): Promise<number> {
    return await unwrap(this.#actor.size.remote());
  }

  /** Whether it holds none. */
  async empty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  /** Whether it holds `maxSize` items; never where that is 0. */
  async full(): Promise<boolean> {
    return await unwrap(this.#actor.isFull.remote());
  }

  /** Ends the queue's actor: whoever waits fails with `ActorDiedError`, the items are gone. */
  async shutdown(): Promise<void> {
    await kill(this.#actor);
  }

  /** @internal */
  static actorOf(queue: Queue): object {
    return queue.#actor;
  }
}

registerPassable({
  name: 'Queue',
  handleOf: (value) => (value instanceof Queue ? Queue.actorOf(value) : undefined),
  from: (handle) => new Queue({}, handle),
});

function checkWait(action: string, options: QueueWaitOptions): void {
  checkKnown(action, options, ['block', 'timeoutMs']);
  if (options.block !== undefined) checkBoolean(action, 'block', options.block);
  if (options.timeoutMs !== undefined) checkInteger(action, 'timeoutMs', options.timeoutMs, { min: 0 });
}

/** The queue's own errors arrive as themselves. */
async function unwrap<T>(ref: ObjectRef<T>): Promise<T> {
  try {
    return await ref;
  } catch (error) {
    throw error instanceof TaskError ? error.cause : error;
  }
}
