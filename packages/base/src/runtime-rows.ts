/**
 * A runtime's actors and threads as it shows them: to its program, and by HTTP to everybody else. They stand here because
 * the two sides that agree on them, the runtime and the records of the API, know nothing of each other.
 */

/** Where an actor stands. Ray: `TypeActorStatus`. */
export type ActorState = 'DEPENDENCIES_UNREADY' | 'PENDING_CREATION' | 'ALIVE' | 'RESTARTING' | 'DEAD';

/** What runs in a worker: the program itself, tasks, actors, or supervisors (`system`). */
export type WorkerRole = 'driver' | 'actor' | 'system' | 'task';

/** One actor as the state API shows it. Times are milliseconds since the epoch. Ray: a row of `ray list actors`. */
export interface ActorRow {
  /** Stays over restarts. */
  readonly actorId: string;
  readonly className: string;
  /** Empty for an actor without a name. */
  readonly name: string;
  readonly namespace: string;
  readonly state: ActorState;
  /** The thread it lives in; null while it has none. */
  readonly workerId: string | null;
  /** Node's number of that thread. */
  readonly threadId: number | null;
  /** The process it lives in; the driver's while it has none. */
  readonly pid: number;
  /** How often it was made anew. */
  readonly restartCount: number;
  readonly isDetached: boolean;
  /** Why it is DEAD, in words; null before. */
  readonly deathCause: string | null;
  /** When it was asked for. */
  readonly startTime: number;
  /** When it became DEAD. */
  readonly endTime: number | null;
}

/** One worker as the state API shows it. */
export interface WorkerRow {
  readonly workerId: string;
  /** Node's number of the thread; of a process of its own 2^20 or more. */
  readonly threadId: number;
  /** The operating system's number of the process. */
  readonly pid: number;
  readonly role: WorkerRole;
  readonly isAlive: boolean;
  /** For how long its present turn has run, in milliseconds; 0 when it is asleep. */
  readonly busyMs: number;
  /** How many actors live there. */
  readonly actors: number;
}
