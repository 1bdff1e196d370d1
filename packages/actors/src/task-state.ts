import { Step, type TracedRun, type TracedTask } from './task-trace.ts';

/** Ray's states of a task, as far as they apply within one process. */
export type TaskState =
  | 'PENDING_ARGS_AVAIL'
  | 'PENDING_NODE_ASSIGNMENT'
  | 'SUBMITTED_TO_WORKER'
  | 'PENDING_ACTOR_TASK_ORDERING_OR_CONCURRENCY'
  | 'RUNNING'
  | 'RUNNING_IN_RAY_GET'
  | 'FINISHED'
  | 'FAILED';

/**
 * Where a task stands, by what its owner has seen last and whether its thread runs it.
 *
 *   PENDING_ARGS_AVAIL ──▶ PENDING_NODE_ASSIGNMENT ──▶ SUBMITTED_TO_WORKER ──▶ RUNNING ◀──▶ RUNNING_IN_RAY_GET
 *          a call of an actor: PENDING_ACTOR_TASK_ORDERING_OR_CONCURRENCY ───────▲  └──▶ FINISHED | FAILED
 */
export function stateOf(task: TracedTask, run: TracedRun | undefined): TaskState {
  const last = task.steps.at(-1)!.step;
  switch (last) {
    case Step.Finished:
      return 'FINISHED';
    case Step.Failed:
    case Step.Cancelled:
      return 'FAILED';
    case Step.Submitted:
      return task.isTask ? 'PENDING_ARGS_AVAIL' : 'PENDING_NODE_ASSIGNMENT';
    case Step.Sent:
      if (run !== undefined) return run.waits.length % 2 === 1 ? 'RUNNING_IN_RAY_GET' : 'RUNNING';
      return task.isTask ? 'SUBMITTED_TO_WORKER' : 'PENDING_ACTOR_TASK_ORDERING_OR_CONCURRENCY';
    default:
      return 'PENDING_NODE_ASSIGNMENT';
  }
}
