import type { StoreMemory } from './object-store.ts';
import type { Watching } from './watcher.ts';
import type { WorkerStart } from './worker-start.ts';

/** What all threads of a pool are told at their start. */
export interface TaskWorkerStart extends WorkerStart {
  readonly driverThreadId: number;
  readonly storeTotal: SharedArrayBuffer;
  readonly watching: Watching;
  /** After how long without tasks it is ended, if nobody needs it. */
  readonly idleMs: number;
}

/** What a thread tells of itself with its first lease. */
export interface ThreadNews {
  readonly workerId: string;
  readonly heartbeat: SharedArrayBuffer;
  readonly store: StoreMemory;
}
