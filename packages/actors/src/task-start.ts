import type { StoreMemory } from './object-store.ts';
import type { Tracing } from './task-trace.ts';
import type { Watching } from './watcher.ts';

/** What all threads of a pool are told at their start. */
export interface TaskWorkerStart {
  readonly runtimeId: string;
  readonly namespace: string;
  readonly driverThreadId: number;
  readonly jobId: string | undefined;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly storeTotal: SharedArrayBuffer;
  readonly watching: Watching;
  /** Where the runtime's processes listen. */
  readonly folder: string;
  /** After how long without tasks it is ended, if nobody needs it. */
  readonly idleMs: number;
}

/** What a thread tells of itself with its first lease. */
export interface ThreadNews {
  readonly workerId: string;
  readonly heartbeat: SharedArrayBuffer;
  readonly store: StoreMemory;
}
