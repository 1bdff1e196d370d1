/**
 * The states of a job, Ray's, and the only ways from one to another.
 *
 *                1            2
 *   (submit) ──▶ PENDING ──▶ RUNNING ──▶ SUCCEEDED
 *                   │ 3         │ 4  └─▶ FAILED      (5)
 *                   └──▶ STOPPED ◀┘
 *
 * 1. Written by JobManager, with the record. 2. The entrypoint has been spawned.
 * 3, 4. Stop was asked for and the process tree is gone.
 * 5. FAILED also from PENDING, when the entrypoint could not be started.
 * STOPPED, SUCCEEDED and FAILED are terminal: no edge leaves them.
 */
const NEXT = {
  PENDING: ['RUNNING', 'STOPPED', 'FAILED'],
  RUNNING: ['STOPPED', 'SUCCEEDED', 'FAILED'],
  STOPPED: [],
  SUCCEEDED: [],
  FAILED: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Where a job is in its life. Ray: `JobStatus`. */
export type JobStatus = keyof typeof NEXT;

/** All states, in the order of a job's life. */
export const JOB_STATUSES = Object.freeze(Object.keys(NEXT)) as readonly JobStatus[];

/** Whether a job may go from one state to the other in one step. */
export const canBecome = (from: JobStatus, to: JobStatus): boolean => (NEXT[from] as readonly JobStatus[]).includes(to);

/** Whether a job in this state is over: its status never changes again. Ray: `JobStatus.is_terminal`. */
export const isTerminal = (status: JobStatus): boolean => NEXT[status].length === 0;
