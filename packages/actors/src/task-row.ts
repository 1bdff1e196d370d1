/**
 * Tasks as the state API shows them, put together from what the threads have told. Pure.
 */
import type { TaskReport } from './task-log.ts';
import { stateOf, type TaskState } from './task-state.ts';
import { STEP_NAMES, Step, type TracedRun, type TracedTask, type TraceStep } from './task-trace.ts';

/** One task or call. Times are milliseconds since the epoch. Ray: a row of `ray list tasks`. */
export interface TaskRow {
  readonly taskId: string;
  /** `square` or `Counter.increment`. */
  readonly name: string;
  /** A task, or a call of an actor. */
  readonly type: 'NORMAL_TASK' | 'ACTOR_TASK';
  readonly state: TaskState;
  /** The actor that was called. */
  readonly actorId: string | null;
  /** The task or call that made it; null for the driver's own. */
  readonly parentTaskId: string | null;
  /** How often it was sent to a thread, less one. */
  readonly attempt: number;
  /** The thread it was sent to last. */
  readonly threadId: number | null;
  /** What it failed with, in words. */
  readonly error: string | null;
  /** When it was submitted. */
  readonly creationTime: number;
  /** When its last run began. */
  readonly startTime: number | null;
  readonly endTime: number | null;
}

/** How many tasks of each name stand in each state. Ray: `ray summary tasks`. */
export type TaskSummary = Readonly<Record<string, Readonly<Partial<Record<TaskState, number>>>>>;

export interface KnownTask {
  readonly taskId: string;
  readonly parentTaskId: string | undefined;
  readonly owner: number;
  readonly task: TracedTask;
  /** Oldest first. */
  readonly runs: readonly { readonly threadId: number; readonly run: TracedRun }[];
}

/** `idOf`: the id of a task by its owner's thread and number. */
export function knownTasks(
  reports: readonly TaskReport[],
  idOf: (owner: number, order: number) => string,
): KnownTask[] {
  const runs = new Map<string, { threadId: number; run: TracedRun }[]>();
  for (const { threadId, runs: ran } of reports) {
    for (const run of ran) {
      const taskId = idOf(run.owner, run.order);
      const known = runs.get(taskId);
      if (known === undefined) runs.set(taskId, [{ threadId, run }]);
      else known.push({ threadId, run });
    }
  }
  return reports.flatMap(({ threadId: owner, tasks }) =>
    tasks.map((task) => {
      const taskId = idOf(owner, task.order);
      const ran = (runs.get(taskId) ?? []).sort((a, b) => a.run.beganMs - b.run.beganMs);
      const parentTaskId = task.parent && idOf(task.parent.owner, task.parent.order);
      return { taskId, parentTaskId, owner, task, runs: ran };
    }),
  );
}

/** `epochMs`: what to add to a monotonic time to get one since the epoch. */
export function toTaskRow({ taskId, parentTaskId, task, runs }: KnownTask, epochMs: number): TaskRow {
  const sent = task.steps.filter(({ step }) => step === Step.Sent);
  const last = task.steps.at(-1)!;
  const lastSent = sent.at(-1);
  const run = runs
    .filter(({ run: { beganMs } }) => lastSent !== undefined && beganMs >= lastSent.atMs - SKEW_MS)
    .at(-1);
  const isOver = OVER.has(last.step);
  return {
    taskId,
    name: task.name,
    type: task.isTask ? 'NORMAL_TASK' : 'ACTOR_TASK',
    state: stateOf(task, run?.run),
    actorId: task.actorId ?? null,
    parentTaskId: parentTaskId ?? null,
    attempt: Math.max(0, sent.length - 1),
    threadId: lastSent?.threadId ?? null,
    error: isOver && last.step !== Step.Finished ? (last.detail ?? STEP_NAMES[last.step]) : null,
    creationTime: epochMs + task.steps[0]!.atMs,
    startTime: run === undefined ? null : epochMs + run.run.beganMs,
    endTime: isOver ? epochMs + last.atMs : null,
  };
}

const OVER: ReadonlySet<Step> = new Set([Step.Finished, Step.Failed, Step.Cancelled]);
/** A call may begin in the very turn in which it is sent. */
const SKEW_MS = 1;

export function summarize(rows: readonly TaskRow[]): TaskSummary {
  const summary: Record<string, Partial<Record<TaskState, number>>> = {};
  for (const { name, state } of rows) {
    summary[name] ??= {};
    summary[name][state] = (summary[name][state] ?? 0) + 1;
  }
  return summary;
}

interface Line {
  readonly atMs: number;
  readonly component: string;
  readonly text: string;
}

/** The life of one task, a line for each thing that happened: when, in which component, what. */
export function traceLines(known: KnownTask): string[] {
  const lines = [...known.task.steps.map((step) => ownerLine(known, step)), ...known.runs.flatMap(runLines)];
  const startMs = known.task.steps[0]!.atMs;
  return lines
    .map((line, index) => ({ ...line, index }))
    .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
    .map(
      ({ atMs, component, text }) => `${(atMs - startMs).toFixed(3).padStart(10)} ms  ${component.padEnd(20)} ${text}`,
    );
}

function ownerLine({ owner, task }: KnownTask, { step, atMs, threadId, detail }: TraceStep): Line {
  const component = step === Step.Leased ? 'scheduler' : `owner (thread ${owner})`;
  const where = threadId === undefined ? '' : ` to thread ${threadId}`;
  const more = detail === undefined ? '' : `: ${detail}`;
  return {
    atMs,
    component,
    text: `${STEP_NAMES[step]}${step === Step.Submitted ? ` ${task.name}` : ''}${where}${more}`,
  };
}

function runLines({ threadId, run }: KnownTask['runs'][number]): Line[] {
  const component = `worker (thread ${threadId})`;
  const turns = run.waits.map((atMs, index) => ({
    atMs,
    component,
    text: index % 2 === 0 ? 'waits for refs' : 'goes on',
  }));
  const end = run.endedMs === undefined ? [] : [{ atMs: run.endedMs, component, text: 'ended' }];
  return [{ atMs: run.beganMs, component, text: 'begun' }, ...turns, ...end];
}
