/**
 * What one thread remembers of tasks: those it has submitted and those it has run. Bounded; asked, never pushed.
 *
 * The clock is read when a task is submitted, when a run ends, and when something has arrived (`touch`); what happens
 * between is given the time of the last reading.
 */
import type { Clock } from '@heddle/base';
import type { ClassDeclaration } from './class-declaration.ts';
import { RunTable } from './run-table.ts';
import { TaskTable } from './task-table.ts';
import type { CallName, Step, TracedRun, TracedTask, Tracing } from './task-trace.ts';

/** What a thread tells when asked. */
export interface TaskReport {
  readonly threadId: number;
  readonly tasks: readonly TracedTask[];
  readonly runs: readonly TracedRun[];
  readonly objects: readonly ReportedObject[];
}

export interface ReportedObject {
  readonly object: number;
  readonly bytes: number;
  readonly isStored: boolean;
  readonly isLent: boolean;
}

export class TaskLog {
  readonly #clock: Clock;
  readonly #tracing: Tracing;
  #tasks: TaskTable | undefined;
  #runs: RunTable | undefined;
  #nowMs = 0;

  constructor(clock: Clock, tracing: Tracing) {
    this.#clock = clock;
    this.#tracing = tracing;
  }

  /** Whether calls of that kind are remembered. */
  traces(declaration: ClassDeclaration): boolean {
    return this.#tracing === 'calls' || (this.#tracing === 'tasks' && declaration.isFunction === true);
  }

  /** Whether each call remembers where it was made, for its error: that costs about a microsecond. */
  get keepsStacks(): boolean {
    return this.#tracing === 'calls';
  }

  /** Something has arrived, or time has gone by otherwise. */
  touch(): void {
    if (this.#tasks !== undefined || this.#runs !== undefined) this.#nowMs = this.#clock.monotonicMs();
  }

  /** A task was submitted. Returns the name that the log has for it. */
  begin(
    order: number,
    declaration: ClassDeclaration,
    method: number,
    actorId: string | undefined,
    parent: CallName | undefined,
  ): number {
    this.#tasks ??= new TaskTable();
    this.#nowMs = this.#clock.monotonicMs();
    return this.#tasks.begin(order, declaration, method, actorId, parent, this.#nowMs);
  }

  step(task: number, step: Step, threadId = -1, detail?: string): void {
    this.#tasks!.step(task, step, this.#nowMs, threadId, detail);
  }

  /** A task begins to run here. Returns the name that the log has for the run. */
  run(owner: number, order: number, declaration: ClassDeclaration, method: number): number {
    this.#runs ??= new RunTable();
    if (this.#nowMs === 0) this.#nowMs = this.#clock.monotonicMs();
    return this.#runs.begin(owner, order, declaration, method, this.#nowMs);
  }

  /** It waits for refs, or goes on. */
  turn(run: number): void {
    this.touch();
    this.#runs!.turn(run, this.#nowMs);
  }

  ran(run: number): void {
    this.touch();
    this.#runs!.end(run, this.#nowMs);
  }

  get tasks(): TracedTask[] {
    return this.#tasks?.list() ?? [];
  }

  get runs(): TracedRun[] {
    return this.#runs?.list() ?? [];
  }
}
