/**
 * The life of one task or call as its owner's thread sees it: what happened to it and when. Times are the clock's
 * monotonic milliseconds, the same in all threads of the process.
 */
export type TaskStep =
  | 'submitted'
  | 'arguments resolved'
  | 'placeable'
  | 'leased'
  | 'sent'
  | 'taken back'
  | 'retried'
  | 'interrupted'
  | 'cancelled'
  | 'finished'
  | 'failed';

export interface TraceStep {
  readonly step: TaskStep;
  readonly atMs: number;
  /** Node's number of the thread it was sent to. */
  readonly threadId?: number;
  /** In words, such as the error's name. */
  readonly detail?: string;
}

/** What is traced: nothing, tasks, or tasks and the calls of actors. */
export type Tracing = 'off' | 'tasks' | 'calls';
export const TRACINGS: readonly Tracing[] = ['off', 'tasks', 'calls'];

/** One task or call, plain data. */
export interface TracedTask {
  /** The owner's number of it. */
  readonly order: number;
  readonly name: string;
  readonly isTask: boolean;
  readonly actorId: string | undefined;
  readonly parentTaskId: string | undefined;
  readonly steps: TraceStep[];
}

/** A run of a task or call in the thread that ran it, plain data. */
export interface TracedRun {
  /** Node's number of the owner's thread. */
  readonly owner: number;
  /** The owner's number of it. */
  readonly order: number;
  readonly name: string;
  readonly isTask: boolean;
  readonly beganMs: number;
  endedMs: number | undefined;
  /** When it waited for refs, from and to by turns. */
  readonly waits: number[];
}

/** Of each thread so many ended tasks, and so many runs, are kept; the oldest are forgotten first. */
export const TRACES_MAX = 10_000;
