/**
 * The jobs that wait for their turn, and what the daemon has to give. No supervisor knows of them yet.
 *
 * Nothing here is durable, and nothing needs to be: a record says what its job asks for and how urgent it is,
 * and recovery puts every job that never ran back into the line in the order of submission. Who holds what is
 * not counted along but looked up on the board, so that no end of a job can be missed.
 */
import {
  DEFAULT_JOB_MESSAGES,
  PENDING_FOR_RESOURCES,
  PENDING_FOR_RUNTIME_ENV,
  type QueueCounts,
  type ResourceAmounts,
} from '@heddle/api';
import { type Amounts, lackingOf, subtract, sumOf, toDemand, toShape } from './amounts.ts';
import type { JobBoard } from './job-board.ts';
import type { JobEntry } from './job-records.ts';
import { judgeQueue, type WaitingJob } from './queue-judge.ts';

interface Waiting extends WaitingJob {
  readonly entry: JobEntry;
  readonly priority: number;
  /** Its place among those of one priority. */
  readonly order: number;
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
  readonly #line: Waiting[] = [];
  #added = 0;

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
    const waiting = {
      submissionId,
      entry,
      demand,
      shape: toShape(demand),
      priority,
      order: this.#added++,
      passes: 0,
      held,
    };
    this.#jobs.set(submissionId, waiting);
    this.#line.splice(this.#placeOf(waiting), 0, waiting);
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
    this.#line.splice(this.#placeOf(waiting), 1);
    return waiting.entry;
  }

  /** Takes out those whose turn has come. */
  takeNext(board: JobBoard): JobEntry[] {
    const places = this.#capacity.maxRunningJobs - (board.openCount - this.size);
    if (this.size === 0 || places <= 0) return [];
    const free = subtract(this.#capacity.resources, this.#inUse(board));
    const { starting, passed } = judgeQueue(this.#line, places, this.#capacity.resources, free);
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
    const unsatisfiable = this.#line.filter(({ demand }) => lackingOf(demand, resources).length > 0).length;
    return { waiting: this.size, unsatisfiable, maxRunningJobs, maxPendingJobs };
  }

  amounts(board: JobBoard): ResourceAmounts {
    return { total: this.#capacity.resources, used: this.#inUse(board) };
  }

  /** What those hold that have had their turn and are not over. */
  #inUse(board: JobBoard): Amounts {
    const holding = [...board.openJobs].filter((job) => !this.has(job.submissionId));
    return sumOf(holding.map((job) => job.demand));
  }

  /** Where it stands in the line, or would. */
  #placeOf(waiting: Waiting): number {
    let [from, to] = [0, this.#line.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isBefore(this.#line[middle]!, waiting)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

const isBefore = (one: Waiting, other: Waiting): boolean =>
  one.priority > other.priority || (one.priority === other.priority && one.order < other.order);

function unsatisfiable(lacking: readonly string[], demand: Amounts, { resources }: Capacity): string {
  const facts = lacking.map((name) => `${demand[name]} ${name} of which this daemon has ${resources[name] ?? 0}`);
  return `It asks for ${facts.join(', and ')}, so it cannot start here: stop it, or start a daemon that has more.`;
}
