/**
 * The rows of the state API, GET `/api/v0/{resource}`: Ray's columns under Ray's names.
 *
 * Ray's client needs every column of its own, ignores others, and crashes on a value that its enumerations
 * do not know. Columns after Ray's are Heddle's. `STATE_COLUMNS` says which columns an answer without
 * `detail` has, and which can be filtered on.
 */
import { type DriverInfo, toDriverInfo } from './job-details.ts';
import type { JobErrorType } from './job-error-type.ts';
import type { JobInfo } from './job-info.ts';
import type { JobStatus } from './job-status.ts';
import type { ActorInfo, ActorState, WorkerInfo, WorkerRole } from './runtime-info.ts';

/** Ray: `TypeWorkerType`. */
export type WorkerType = 'WORKER' | 'DRIVER' | 'SPILL_WORKER' | 'RESTORE_WORKER';
/** Ray: `TypeWorkerExitType`. */
export type WorkerExitType =
  | 'SYSTEM_ERROR'
  | 'INTENDED_SYSTEM_EXIT'
  | 'USER_ERROR'
  | 'INTENDED_USER_EXIT'
  | 'NODE_OUT_OF_MEMORY';

/** A row of `/api/v0/actors`. Ray: `ActorState`. */
export interface ActorStateRow {
  readonly actor_id: string;
  readonly class_name: string;
  readonly state: ActorState;
  readonly job_id: string;
  readonly name: string | null;
  readonly node_id: string | null;
  readonly pid: number | null;
  readonly ray_namespace: string | null;
  readonly serialized_runtime_env: string | null;
  readonly required_resources: Readonly<Record<string, number>> | null;
  readonly death_cause: { readonly error_message: string } | null;
  readonly is_detached: boolean | null;
  readonly placement_group_id: string | null;
  readonly repr_name: string | null;
  readonly num_restarts: number;
  readonly num_restarts_due_to_lineage_reconstruction: number;
  readonly num_restarts_due_to_node_preemption: number;
  readonly call_site: string | null;
  readonly label_selector: Readonly<Record<string, string>> | null;
  readonly fallback_strategy: readonly unknown[] | null;
  /** The thread it lives in: as in `/api/v0/workers`. */
  readonly worker_id: string | null;
  /** Node's number of that thread; it changes with every thread. */
  readonly thread_id: number | null;
  /** ms since the epoch. */
  readonly start_time: number;
  readonly end_time: number | null;
}

/** A row of `/api/v0/workers`: a thread of the daemon. Ray: `WorkerState`. */
export interface WorkerStateRow {
  readonly worker_id: string;
  readonly is_alive: boolean;
  readonly worker_type: WorkerType;
  readonly exit_type: WorkerExitType | null;
  readonly node_id: string;
  readonly ip: string;
  readonly pid: number;
  readonly thread_id: number;
  readonly role: WorkerRole;
  /** For how long its present turn has run, in ms; 0: it is asleep. */
  readonly busy_ms: number;
  /** How many actors it hosts. */
  readonly num_actors: number;
}

/** A row of `/api/v0/jobs`. Ray: `JobState`. */
export interface JobStateRow {
  readonly job_id: string | null;
  readonly submission_id: string;
  readonly entrypoint: string;
  readonly type: 'SUBMISSION';
  readonly status: JobStatus;
  readonly message: string;
  readonly error_type: JobErrorType | null;
  readonly driver_info: DriverInfo | null;
}

/** A row of `/api/v0/nodes`: there is one. Ray: `NodeState`. */
export interface NodeStateRow {
  readonly node_id: string;
  readonly node_ip: string;
  readonly is_head_node: boolean;
  readonly state: 'ALIVE' | 'DEAD';
  readonly state_message: string | null;
  readonly node_name: string;
  readonly resources_total: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
}

export type StateResource = 'actors' | 'workers' | 'jobs' | 'nodes';

interface StateColumns {
  readonly always: readonly string[];
  /** Only with `detail`. */
  readonly detail: readonly string[];
}

export const STATE_COLUMNS = {
  actors: {
    always: [
      'actor_id',
      'class_name',
      'state',
      'job_id',
      'name',
      'node_id',
      'pid',
      'ray_namespace',
      'worker_id',
      'thread_id',
    ] satisfies (keyof ActorStateRow)[],
    detail: [
      'serialized_runtime_env',
      'required_resources',
      'death_cause',
      'is_detached',
      'placement_group_id',
      'repr_name',
      'num_restarts',
      'num_restarts_due_to_lineage_reconstruction',
      'num_restarts_due_to_node_preemption',
      'call_site',
      'label_selector',
      'fallback_strategy',
      'start_time',
      'end_time',
    ] satisfies (keyof ActorStateRow)[],
  },
  workers: {
    always: [
      'worker_id',
      'is_alive',
      'worker_type',
      'exit_type',
      'node_id',
      'ip',
      'pid',
      'thread_id',
      'role',
      'busy_ms',
      'num_actors',
    ] satisfies (keyof WorkerStateRow)[],
    detail: [],
  },
  jobs: {
    always: [
      'job_id',
      'submission_id',
      'entrypoint',
      'type',
      'status',
      'message',
      'error_type',
      'driver_info',
    ] satisfies (keyof JobStateRow)[],
    detail: [],
  },
  nodes: {
    always: [
      'node_id',
      'node_ip',
      'is_head_node',
      'state',
      'state_message',
      'node_name',
      'resources_total',
      'labels',
    ] satisfies (keyof NodeStateRow)[],
    detail: [],
  },
} as const satisfies Readonly<Record<StateResource, StateColumns>>;

export const STATE_RESOURCES = Object.freeze(Object.keys(STATE_COLUMNS)) as readonly StateResource[];

export const isStateResource = (value: string): value is StateResource => Object.hasOwn(STATE_COLUMNS, value);

/** Where the rows are from: one daemon is one node. */
export interface NodeIdentity {
  readonly nodeId: string;
  readonly nodeIp: string;
  readonly pid: number;
}

export function toActorStateRow(info: ActorInfo, node: NodeIdentity): ActorStateRow {
  return {
    actor_id: info.actorId,
    class_name: info.className,
    state: info.state,
    job_id: '',
    name: info.name,
    node_id: node.nodeId,
    pid: info.pid,
    ray_namespace: info.namespace,
    serialized_runtime_env: null,
    required_resources: {},
    death_cause: info.deathCause === null ? null : { error_message: info.deathCause },
    is_detached: info.isDetached,
    placement_group_id: null,
    repr_name: '',
    num_restarts: info.restartCount,
    num_restarts_due_to_lineage_reconstruction: 0,
    num_restarts_due_to_node_preemption: 0,
    call_site: null,
    label_selector: null,
    fallback_strategy: null,
    worker_id: info.workerId,
    thread_id: info.threadId,
    start_time: info.startTime,
    end_time: info.endTime,
  };
}

/** The way back, from a row with `detail`. */
export function fromActorStateRow(row: ActorStateRow): ActorInfo {
  return {
    actorId: row.actor_id,
    className: row.class_name,
    name: row.name ?? '',
    namespace: row.ray_namespace ?? '',
    state: row.state,
    workerId: row.worker_id,
    threadId: row.thread_id,
    pid: row.pid ?? 0,
    restartCount: row.num_restarts,
    isDetached: row.is_detached ?? false,
    deathCause: row.death_cause?.error_message ?? null,
    startTime: row.start_time,
    endTime: row.end_time,
  };
}

export function toWorkerStateRow(info: WorkerInfo, node: NodeIdentity): WorkerStateRow {
  return {
    worker_id: info.workerId,
    is_alive: info.isAlive,
    worker_type: info.role === 'driver' ? 'DRIVER' : 'WORKER',
    exit_type: null,
    node_id: node.nodeId,
    ip: node.nodeIp,
    pid: info.pid,
    thread_id: info.threadId,
    role: info.role,
    busy_ms: info.busyMs,
    num_actors: info.actors,
  };
}

export function fromWorkerStateRow(row: WorkerStateRow): WorkerInfo {
  return {
    workerId: row.worker_id,
    threadId: row.thread_id,
    pid: row.pid,
    role: row.role,
    isAlive: row.is_alive,
    busyMs: row.busy_ms,
    actors: row.num_actors,
  };
}

export function toJobStateRow(info: JobInfo): JobStateRow {
  return {
    job_id: null,
    submission_id: info.submissionId,
    entrypoint: info.entrypoint,
    type: 'SUBMISSION',
    status: info.status,
    message: info.message,
    error_type: info.errorType,
    driver_info: toDriverInfo(info),
  };
}
