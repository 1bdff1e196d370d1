import type { ActorKey } from './protocol.ts';

/** What is the same for all calls of one incarnation of an actor, as the driver sends it. */
export interface ActorContext {
  readonly actor: ActorKey;
  readonly actorId: string;
  readonly actorName: string | undefined;
  readonly namespace: string;
  readonly workerId: string;
  readonly restartCount: number;
}
