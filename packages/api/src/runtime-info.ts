/** Actors and threads as programs see them elsewhere: the rows of `Runtime.listActors` and `listWorkers`. */
import type { ActorRow, WorkerRow } from '@heddle/base';

export type { ActorState, WorkerRole } from '@heddle/base';

/** One actor of a daemon. */
export type ActorInfo = ActorRow;

/** One thread, or process of its own, of a daemon. */
export type WorkerInfo = WorkerRow;
