/** Actors and threads as programs see them: the rows of `Runtime.listActors` and `listWorkers`. */

/** Ray: `TypeActorStatus`. */
export type ActorState = 'DEPENDENCIES_UNREADY' | 'PENDING_CREATION' | 'ALIVE' | 'RESTARTING' | 'DEAD';

/** What a thread is for: the program's own, user actors, or supervisors. */
export type WorkerRole = 'driver' | 'actor' | 'system' | 'task';

/** Times are milliseconds since the epoch. */
export interface ActorInfo {
  readonly actorId: string;
  readonly className: string;
  /** "": it has no name. */
  readonly name: string;
  readonly namespace: string;
  readonly state: ActorState;
  /** The thread it lives in; null: in none. */
  readonly workerId: string | null;
  /** Node's number of that thread. */
  readonly threadId: number | null;
  readonly pid: number;
  readonly restartCount: number;
  readonly isDetached: boolean;
  readonly deathCause: string | null;
  readonly startTime: number;
  readonly endTime: number | null;
}

export interface WorkerInfo {
  readonly workerId: string;
  /** Of an actor's own process 2^20 or more. */
  readonly threadId: number;
  readonly pid: number;
  readonly role: WorkerRole;
  readonly isAlive: boolean;
  /** For how long its present turn has run, in ms; 0: it is asleep. */
  readonly busyMs: number;
  /** How many actors it hosts. */
  readonly actors: number;
}
