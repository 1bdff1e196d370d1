/**
 * What one thread remembers of tasks: those it has submitted and those it has run. Bounded; asked, never pushed.
 */
import type { Clock } from '@heddle/base';
import type { ClassDeclaration } from './class-declaration.ts';
import { Ring } from './ring.ts';
import { type TaskStep, TRACES_MAX, type TracedRun, type TracedTask, type Tracing } from './task-trace.ts';

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
  readonly #living = new Set<TracedTask>();
  readonly #ended = new Ring<TracedTask>(TRACES_MAX);
  readonly #running = new Set<TracedRun>();
  readonly #runs = new Ring<TracedRun>(TRACES_MAX);

  constructor(clock: Clock, tracing: Tracing) {
    this.#clock = clock;
    this.#tracing = tracing;
  }

  /** Whether calls of that kind are remembered. */
  traces(declaration: ClassDeclaration): boolean {
    return this.#tracing === 'calls' || (this.#tracing === 'tasks' && declaration.isFunction === true);
  }

  /** A task was submitted. */
  begin(task: Omit<TracedTask, 'steps'>): TracedTask {
    const traced: TracedTask = { ...task, steps: [{ step: 'submitted', atMs: this.#clock.monotonicMs() }] };
    this.#living.add(traced);
    return traced;
  }

  step(task: TracedTask, step: TaskStep, detail?: { readonly threadId?: number; readonly detail?: string }): void {
    task.steps.push({ step, atMs: this.#clock.monotonicMs(), ...detail });
  }

  end(task: TracedTask, step: 'finished' | 'failed' | 'cancelled', detail?: string): void {
    if (!this.#living.delete(task)) return;
    this.step(task, step, detail === undefined ? undefined : { detail });
    this.#ended.push(task);
  }

  /** A task begins to run here. */
  run(run: Pick<TracedRun, 'owner' | 'order' | 'name' | 'isTask'>): TracedRun {
    const traced: TracedRun = { ...run, beganMs: this.#clock.monotonicMs(), endedMs: undefined, waits: [] };
    this.#running.add(traced);
    return traced;
  }

  /** It waits for refs, or goes on. */
  turn(run: TracedRun): void {
    run.waits.push(this.#clock.monotonicMs());
  }

  ran(run: TracedRun): void {
    run.endedMs = this.#clock.monotonicMs();
    this.#running.delete(run);
    this.#runs.push(run);
  }

  get tasks(): TracedTask[] {
    return [...this.#ended.items, ...this.#living];
  }

  get runs(): TracedRun[] {
    return [...this.#runs.items, ...this.#running];
  }
}
