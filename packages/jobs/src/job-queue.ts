/**
 * The jobs that wait for their turn, and what the daemon has to give. No supervisor knows of them yet.
 *
 * Nothing here is durable, and nothing needs to be: a record says what its job asks for and how urgent it is, and
 * recovery puts every job that never ran back into the line in the order of submission. Whether those that have had
 * their turn still hold anything is looked up on the board, so that no end of a job can be missed.
 */
import {
  DEFAULT_JOB_MESSAGES,
  PENDING_FOR_RESOURCES,
  PENDING_FOR_RUNTIME_ENV,
  type QueueCounts,
  type ResourceAmounts,
} from '@heddle/api';
import { type Amounts, fromShape, lackingOf, subtract, sumOf, toDemand, toShape } from './amounts.ts';
import type { JobBoard } from './job-board.ts';
import { JobLine } from './job-line.ts';
import type { JobEntry } from './job-records.ts';
import { judgeQueue, type WaitingJob } from './queue-judge.ts';

interface Waiting extends WaitingJob {
  readonly entry: JobEntry;
  readonly priority: number;
  passes: number;
  held: boolean;
}

/** What a daemon has to give. */
export interface Capacity {
  readonly maxRunningJobs: number;
  /** How many may wait; the next submission is refused. */
  readonly maxPendingJobs: number;
  readonly resources: Amounts;
}

export class JobQueue {
  readonly #capacity: Capacity;
  readonly #jobs = new Map<string, Waiting>();
  /** The same, in order. */
  readonly #line = new JobLine<Waiting>();
  /** How many of each shape are in it. */
  readonly #shapes = new Map<string, number>();
  /** Those that have had their turn and asked for something. Who is over, or waits again, is dropped at the next look. */
  readonly #holding = new Map<string, Amounts>();

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get isFull(): boolean {
    return this.#jobs.size >= this.#capacity.maxPendingJobs;
  }

  has(submissionId: string): boolean {
    return this.#jobs.has(submissionId);
  }

  /** Puts a job behind all that are as urgent. A held one lets others pass until `release`. */
  add(entry: JobEntry, held: boolean): void {
    const { submissionId, priority } = entry.value;
    const demand = toDemand(entry.value);
    const waiting = { submissionId, entry, demand, shape: toShape(demand), priority, passes: 0, held };
    this.#jobs.set(submissionId, waiting);
    this.#line.add(waiting);
    this.#shapes.set(waiting.shape, (this.#shapes.get(waiting.shape) ?? 0) + 1);
  }

  /** A job has had its turn, now or under an earlier manager. */
  hold(entry: JobEntry): void {
    const demand = toDemand(entry.value);
    if (Object.keys(demand).length > 0) this.#holding.set(entry.key, demand);
  }

  release(entry: JobEntry): void {
    const waiting = this.#jobs.get(entry.value.submissionId);
    if (waiting !== undefined && waiting.entry === entry) waiting.held = false;
  }

  /** Takes a job out of the line: its turn has come, or it is to be stopped. */
  take(submissionId: string): JobEntry | undefined {
    const waiting = this.#jobs.get(submissionId);
    if (waiting === undefined) return undefined;
    this.#jobs.delete(submissionId);
    this.#line.remove(waiting);
    this.hold(waiting.entry);
    const left = this.#shapes.get(waiting.shape)! - 1;
    if (left > 0) this.#shapes.set(waiting.shape, left);
    else this.#shapes.delete(waiting.shape);
    return waiting.entry;
  }

  /** Takes out those whose turn has come. */
  takeNext(board: JobBoard): JobEntry[] {
    const places = this.#capacity.maxRunningJobs - (board.openCount - this.size);
    if (this.size === 0 || places <= 0) return [];
    const free = subtract(this.#capacity.resources, this.#inUse(board));
    const { starting, passed } = judgeQueue(this.#line, places, this.#capacity.resources, free, this.#shapes.size);
    for (const [submissionId, times] of passed) this.#jobs.get(submissionId)!.passes += times;
    return starting.map((submissionId) => this.take(submissionId)!);
  }

  /** Whether this job asks for more than there is, whoever ends. */
  isUnsatisfiable(entry: JobEntry): boolean {
    return lackingOf(toDemand(entry.value), this.#capacity.resources).length > 0;
  }

  /** What a job that has not started waits for, for people. */
  messageFor(entry: JobEntry): string {
    const demand = toDemand(entry.value);
    const lacking = lackingOf(demand, this.#capacity.resources);
    if (lacking.length > 0) return `${DEFAULT_JOB_MESSAGES.PENDING} ${unsatisfiable(lacking, demand, this.#capacity)}`;
    const { message, runtimeEnv } = entry.value;
    if (this.has(entry.key) && Object.keys(demand).length > 0) return message + PENDING_FOR_RESOURCES;
    const isBeingSetUp = !this.has(entry.key) && (runtimeEnv?.setup ?? runtimeEnv?.workingDir) !== undefined;
    return isBeingSetUp ? message + PENDING_FOR_RUNTIME_ENV : message;
  }

  counts(): QueueCounts {
    const { maxRunningJobs, maxPendingJobs, resources } = this.#capacity;
    const isUnsatisfiable = (shape: string) => lackingOf(fromShape(shape), resources).length > 0;
    const unsatisfiable = [...this.#shapes].reduce(
      (sum, [shape, jobs]) => sum + (isUnsatisfiable(shape) ? jobs : 0),
      0,
    );
    return { waiting: this.size, unsatisfiable, maxRunningJobs, maxPendingJobs };
  }

  amounts(board: JobBoard): ResourceAmounts {
    return { total: this.#capacity.resources, used: this.#inUse(board) };
  }

  /** What those hold that have had their turn and are not over. */
  #inUse(board: JobBoard): Amounts {
    for (const submissionId of this.#holding.keys())
      if (board.isOver(submissionId) || this.has(submissionId)) this.#holding.delete(submissionId);
    return sumOf(this.#holding.values());
  }
}

function unsatisfiable(lacking: readonly string[], demand: Amounts, { resources }: Capacity): string {
  const facts = lacking.map((name) => `${demand[name]} ${name} of which this daemon has ${resources[name] ?? 0}`);
  return `It asks for ${facts.join(', and ')}, so it cannot start here: stop it, or start a daemon that has more.`;
}
