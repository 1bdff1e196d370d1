/**
 * The tasks that one thread has submitted: where they wait, and which leases they are sent to. Ray: the part of a
 * core worker that submits normal tasks.
 */
import type { Clock } from '@heddle/base';
import type { Link } from './link.ts';
import type { CellKey } from './protocol.ts';
import { type ResolvedTaskOptions, shapeKey } from './task-options.ts';
import { type TaskEffects, TaskQueue } from './task-queue.ts';

export interface TasksParts extends TaskEffects {
  readonly clock: Clock;
}

export class Tasks {
  readonly #parts: TasksParts;
  readonly #queues = new Map<string, TaskQueue>();
  /** The same by the options that named the shape. */
  readonly #known = new WeakMap<ResolvedTaskOptions, TaskQueue>();

  constructor(parts: TasksParts) {
    this.#parts = parts;
  }

  /** The line of the tasks that need what these options say. */
  queueFor(options: ResolvedTaskOptions): TaskQueue {
    let queue = this.#known.get(options);
    if (queue === undefined) {
      queue = this.#queueFor(options);
      this.#known.set(options, queue);
    }
    return queue;
  }

  #queueFor({ shape }: ResolvedTaskOptions): TaskQueue {
    const key = shapeKey(shape);
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new TaskQueue(shape, this.#parts, this.#parts.clock);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** The function of the task that stands first in a line, by the line's `shapeKey`; undefined: none does. */
  firstIn(key: string): string | undefined {
    return this.#queues.get(key)?.first;
  }

  granted(key: string, cell: CellKey, threadId: number): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#parts.returnLease(cell);
    else queue.granted(cell, threadId);
  }

  revoke(cell: CellKey): void {
    for (const queue of this.#queues.values()) queue.revoke(cell);
  }

  /** The tasks that were on their way over the link have come back. */
  linkClosed(link: Link): void {
    for (const queue of this.#queues.values()) queue.linkClosed(link);
  }

  /** A batch was acted on: what was answered makes room. */
  received(): void {
    for (const queue of this.#queues.values()) queue.received();
  }

  /** Ends every task that is not settled. */
  abandon(): void {
    for (const queue of this.#queues.values()) queue.abandon();
  }
}
