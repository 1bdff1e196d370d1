/**
 * What is remembered of tasks and calls, as the state API reads it. Times are the clock's monotonic milliseconds, the
 * same in all threads of the process.
 */

/** What happened to a task, as its owner's thread sees it. The number is its code in a `TaskTable`. */
export const Step = {
  Submitted: 0,
  Resolved: 1,
  Placeable: 2,
  Leased: 3,
  Sent: 4,
  TakenBack: 5,
  Retried: 6,
  Interrupted: 7,
  Cancelled: 8,
  Finished: 9,
  Failed: 10,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

/** The same in words, by code. */
export const STEP_NAMES = [
  'submitted',
  'arguments resolved',
  'placeable',
  'leased',
  'sent',
  'taken back',
  'retried',
  'interrupted',
  'cancelled',
  'finished',
  'failed',
] as const;

export interface TraceStep {
  readonly step: Step;
  readonly atMs: number;
  /** Node's number of the thread it was sent to. */
  readonly threadId?: number | undefined;
  /** In words, such as the error's name. */
  readonly detail?: string | undefined;
}

/** What is traced: nothing, tasks, or tasks and the calls of actors. */
export type Tracing = 'off' | 'tasks' | 'calls';
export const TRACINGS: readonly Tracing[] = ['off', 'tasks', 'calls'];

/** The name of a call, wherever it is spoken of: its owner's thread, and that thread's number of it. */
export interface CallName {
  readonly owner: number;
  readonly order: number;
}

/** One task or call, plain data. */
export interface TracedTask {
  /** The owner's number of it. */
  readonly order: number;
  readonly name: string;
  readonly isTask: boolean;
  readonly actorId: string | undefined;
  readonly parent: CallName | undefined;
  /** At most twelve: beyond them only the last is kept. */
  readonly steps: readonly TraceStep[];
}

/** A run of a task or call in the thread that ran it, plain data. */
export interface TracedRun extends CallName {
  readonly name: string;
  readonly isTask: boolean;
  readonly beganMs: number;
  readonly endedMs: number | undefined;
  /** When it waited for refs, from and to by turns. */
  readonly waits: readonly number[];
}
