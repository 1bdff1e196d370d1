/**
 * The latest tasks that one thread has submitted, in arrays of numbers: to note a step costs a few stores, and no
 * garbage. A task is named by its serial; one that has been overwritten by a later one is not noted any more.
 */
import type { ClassDeclaration } from './class-declaration.ts';
import { nameOf } from './class-declaration.ts';
import { type CallName, Step, type TracedTask, type TraceStep } from './task-trace.ts';

/** So many tasks are kept. */
export const TASKS_KEPT = 4_096;
const STEPS_MAX = 12;
const NOBODY = -1;

export class TaskTable {
  readonly #serials = new Float64Array(TASKS_KEPT).fill(-1);
  readonly #orders = new Float64Array(TASKS_KEPT);
  readonly #methods = new Uint32Array(TASKS_KEPT);
  readonly #parentOwners = new Int32Array(TASKS_KEPT);
  readonly #parentOrders = new Float64Array(TASKS_KEPT);
  readonly #counts = new Uint8Array(TASKS_KEPT);
  readonly #codes = new Uint8Array(TASKS_KEPT * STEPS_MAX);
  readonly #times = new Float64Array(TASKS_KEPT * STEPS_MAX);
  readonly #threads = new Int32Array(TASKS_KEPT * STEPS_MAX);
  readonly #declarations: ClassDeclaration[] = [];
  readonly #actorIds: (string | undefined)[] = [];
  /** By place of the step. */
  readonly #details = new Map<number, string>();
  #made = 0;

  begin(
    order: number,
    declaration: ClassDeclaration,
    method: number,
    actorId: string | undefined,
    parent: CallName | undefined,
    atMs: number,
  ): number {
    const serial = this.#made++;
    const row = serial % TASKS_KEPT;
    if (serial >= TASKS_KEPT && this.#details.size > 0) this.#forgetDetails(row);
    this.#serials[row] = serial;
    this.#orders[row] = order;
    this.#declarations[row] = declaration;
    this.#methods[row] = method;
    this.#actorIds[row] = actorId;
    this.#parentOwners[row] = parent === undefined ? NOBODY : parent.owner;
    if (parent !== undefined) this.#parentOrders[row] = parent.order;
    this.#counts[row] = 0;
    this.step(serial, Step.Submitted, atMs, NOBODY, undefined);
    return serial;
  }

  step(serial: number, step: Step, atMs: number, threadId: number, detail: string | undefined): void {
    const row = serial % TASKS_KEPT;
    if (this.#serials[row] !== serial) return;
    const count = this.#counts[row]!;
    const at = row * STEPS_MAX + Math.min(count, STEPS_MAX - 1);
    if (count < STEPS_MAX) this.#counts[row] = count + 1;
    this.#codes[at] = step;
    this.#times[at] = atMs;
    this.#threads[at] = threadId;
    if (detail !== undefined) this.#details.set(at, detail);
  }

  /** Oldest first. */
  list(): TracedTask[] {
    const rows = [...this.#serials.keys()].filter((row) => this.#serials[row] !== -1);
    return rows.sort((a, b) => this.#serials[a]! - this.#serials[b]!).map((row) => this.#read(row));
  }

  #read(row: number): TracedTask {
    const declaration = this.#declarations[row]!;
    const owner = this.#parentOwners[row]!;
    return {
      order: this.#orders[row]!,
      name: nameOf(declaration, this.#methods[row]!),
      isTask: declaration.isFunction === true,
      actorId: this.#actorIds[row],
      parent: owner === NOBODY ? undefined : { owner, order: this.#parentOrders[row]! },
      steps: Array.from({ length: this.#counts[row]! }, (_, index) => this.#readStep(row * STEPS_MAX + index)),
    };
  }

  #readStep(at: number): TraceStep {
    const threadId = this.#threads[at]!;
    return {
      step: this.#codes[at] as Step,
      atMs: this.#times[at]!,
      threadId: threadId === NOBODY ? undefined : threadId,
      detail: this.#details.get(at),
    };
  }

  #forgetDetails(row: number): void {
    for (let at = row * STEPS_MAX; at < (row + 1) * STEPS_MAX; at++) this.#details.delete(at);
  }
}
