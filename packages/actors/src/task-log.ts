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
  #isRead = false;

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
    if (this.#isRead) this.read();
  }

  /** The time now. From the first reading on it is read whenever something arrives. */
  read(): number {
    this.#isRead = true;
    this.#nowMs = this.#clock.monotonicMs();
    return this.#nowMs;
  }

  /** The time of the last reading. */
  get lastMs(): number {
    return this.#isRead ? this.#nowMs : this.read();
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
    return this.#tasks.begin(order, declaration, method, actorId, parent, this.read());
  }

  step(task: number, step: Step, threadId = -1, detail?: string): void {
    this.#tasks!.step(task, step, this.#nowMs, threadId, detail);
  }

  /** A task begins to run here. Returns the name that the log has for the run. */
  run(owner: number, order: number, declaration: ClassDeclaration, method: number): number {
    this.#runs ??= new RunTable();
    return this.#runs.begin(owner, order, declaration, method, this.lastMs);
  }

  /** It waits for refs, or goes on. */
  turn(run: number): void {
    this.#runs!.turn(run, this.read());
  }

  ran(run: number): void {
    this.#runs!.end(run, this.read());
  }

  get tasks(): TracedTask[] {
    return this.#tasks?.list() ?? [];
  }

  get runs(): TracedRun[] {
    return this.#runs?.list() ?? [];
  }
}
