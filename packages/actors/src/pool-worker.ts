import type { ActorSeat } from './actor-record.ts';
import type { Watched } from './blocked-watch.ts';
import type { ControlClient } from './thread-control.ts';

export type WorkerRole = 'actor' | 'system';

/** A thread or a process that hosts actors, as the pool and the driver see it. */
export interface PoolWorker extends ActorSeat, Watched {
  readonly role: WorkerRole;
  readonly control: ControlClient;
  /** Why it ended: what it threw, or its exit. */
  readonly cause: unknown;
  readonly isAlive: boolean;
  /** Whether an actor may still be sent here: one that is ending would take it along. */
  readonly isOpen: boolean;
  /** An actor comes to live here that bounds its turns; the strictest bound counts. */
  admit(maxBlockedMs: number | undefined): void;
  /** Its link has closed: all that it sent has been taken. */
  linkClosed(): void;
  /** Ends it at once, as a crash would; `cause` is what its actors die of. Resolves when it is over. */
  terminate(cause: Error): Promise<void>;
  /** Its only actor has left: it is not needed any more. What it has sent arrives. */
  dismiss(cause: Error): Promise<void>;
}
