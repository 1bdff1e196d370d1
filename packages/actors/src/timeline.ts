/**
 * Runs of tasks and calls as a Chrome trace: an array of events that Perfetto and chrome://tracing open. Pure.
 */
import type { KnownTask } from './task-row.ts';

/** One event of the trace format. Times are microseconds. */
export interface TimelineEvent {
  readonly name: string;
  readonly cat: string;
  /** X: complete; M: metadata; s, f: the start and end of an arrow. */
  readonly ph: 'X' | 'M' | 's' | 'f';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: string;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** `nowMs`: until when what runs still has run. `names`: what to call the threads. */
export function toTimeline(
  known: readonly KnownTask[],
  pid: number,
  nowMs: number,
  names: ReadonlyMap<number, string>,
): TimelineEvent[] {
  const threads = [...names].map(
    ([tid, name]): TimelineEvent => ({
      name: 'thread_name',
      cat: '__metadata',
      ph: 'M',
      ts: 0,
      pid,
      tid,
      args: { name },
    }),
  );
  return [...threads, ...known.flatMap((task) => taskEvents(task, pid, nowMs))];
}

function taskEvents({ taskId, owner, task, runs }: KnownTask, pid: number, nowMs: number): TimelineEvent[] {
  const cat = task.isTask ? 'task' : 'call';
  return runs.flatMap(({ threadId, run }, attempt): TimelineEvent[] => {
    const ts = run.beganMs * 1_000;
    const dur = ((run.endedMs ?? nowMs) - run.beganMs) * 1_000;
    const base = { cat, pid };
    const waits = pairs(run.waits, run.endedMs ?? nowMs).map(
      ([from, to]): TimelineEvent => ({
        ...base,
        name: 'waits for refs',
        ph: 'X',
        ts: from * 1_000,
        dur: (to - from) * 1_000,
        tid: threadId,
      }),
    );
    const id = `${taskId}/${attempt}`;
    return [
      { ...base, name: task.name, ph: 'X', ts, dur, tid: threadId, args: { taskId, attempt, owner } },
      ...waits,
      { ...base, name: 'submitted', ph: 's', ts: task.steps[0]!.atMs * 1_000, tid: owner, id },
      { ...base, name: 'submitted', ph: 'f', bp: 'e', ts, tid: threadId, id },
    ];
  });
}

function pairs(times: readonly number[], end: number): [number, number][] {
  const spans: [number, number][] = [];
  for (let i = 0; i < times.length; i += 2) spans.push([times[i]!, times[i + 1] ?? end]);
  return spans;
}
