/** What a daemon says of itself on Heddle's own routes. */
import type { JobStatus } from './job-status.ts';

/** GET `/api/heddle/version`. */
export interface HeddleVersionAnswer {
  readonly version: string;
  readonly rayVersion: string;
  readonly nodeVersion: string;
}

/**
 * `recovering`: the jobs of an earlier daemon are being found again; job routes answer 503.
 * `ready`: serving. `degraded`: serving, and something needs attention. `stopping`: about to end.
 */
export type DaemonState = 'recovering' | 'ready' | 'degraded' | 'stopping';

/** GET `/api/heddle/status`. What only the job manager knows is null while it recovers. */
export interface DaemonStatus {
  readonly version: string;
  readonly state: DaemonState;
  readonly pid: number;
  /** The state directory, absolute. */
  readonly directory: string;
  readonly startedAtMs: number;
  /** How many threads run code: the program's own, the system's, those of actors. */
  readonly threads: number;
  /** How many actors are not DEAD. */
  readonly actors: number;
  /** The process that runs the jobs; null also if it is gone. */
  readonly launcherPid: number | null;
  /** What holds a job's processes together. */
  readonly containment: 'cgroup' | 'marker' | null;
  readonly jobs: Readonly<Record<JobStatus, number>> | null;
  /** Of the PENDING jobs, how many wait for their turn. */
  readonly waitingJobs: number | null;
  readonly queue: QueueCounts | null;
  readonly resources: ResourceAmounts | null;
  readonly supervisors: SupervisorCounts | null;
  readonly recovery: RecoveryCounts | null;
  readonly orphans: OrphanCounts | null;
  /** Why it is degraded, in words; empty while all is well. */
  readonly problems: readonly string[];
}

/** GET `/api/healthz`. 503 with Retry-After while it recovers, otherwise 200: a degraded daemon serves what it can. */
export interface HealthAnswer {
  readonly status: DaemonState;
  /** As in `DaemonStatus`. */
  readonly problems: readonly string[];
}

/** The jobs that wait for their turn, and how many may. */
export interface QueueCounts {
  readonly waiting: number;
  /** Of those, how many ask for more than this daemon has. */
  readonly unsatisfiable: number;
  readonly maxRunningJobs: number;
  readonly maxPendingJobs: number;
}

/** By name: `CPU`, `GPU`, `memory` in bytes, and the operator's own. */
export interface ResourceAmounts {
  readonly total: Readonly<Record<string, number>>;
  /** What jobs hold that have had their turn and are not over. */
  readonly used: Readonly<Record<string, number>>;
}

export interface SupervisorCounts {
  readonly watched: number;
  /** Do not answer; their jobs may run all the same. */
  readonly unreachable: number;
  /** Their work fails and is tried again. */
  readonly struggling: number;
  /** Had died for good and were replaced. */
  readonly replaced: number;
}

/** What became of the unfinished jobs of the daemon before. */
export interface RecoveryCounts {
  /** They ran on and have a supervisor again. */
  readonly adopted: number;
  /** They had ended, and how is known. */
  readonly settled: number;
  /** They had not begun, and wait again. */
  readonly queued: number;
  /** They are over, and how they ended cannot be known. */
  readonly lost: number;
  readonly durationMs: number;
}

/** What was met that belonged to no job, since the daemon began. */
export interface OrphanCounts {
  /** Processes of jobs that are over. */
  readonly leftovers: number;
  /** Processes whose mark no record knows. */
  readonly unrecorded: number;
  /** Supervisors without a job that needs one. */
  readonly supervisors: number;
  /** Jobs without the supervisor that they need; each was given one. */
  readonly unsupervised: number;
  readonly killed: number;
  /** Processes that would not die. */
  readonly survivors: number;
}

/** POST `/api/heddle/shutdown`. */
export interface ShutdownRequest {
  /** Stop the jobs first; otherwise they run on and the next daemon takes them over. */
  readonly stopJobs: boolean;
}

export interface ShutdownAnswer {
  /** Jobs that run on without a daemon. */
  readonly runningJobs: number;
}
