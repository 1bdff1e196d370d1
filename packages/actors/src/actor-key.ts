import type { ActorKey } from './protocol.ts';

/** 2^32 actors of each thread have keys of their own. */
const KEYS_PER_THREAD = 2 ** 32;

/** The key of the actor that the thread has made as its `made`-th. */
export const actorKeyOf = (threadId: number, made: number): ActorKey => threadId * KEYS_PER_THREAD + made;

/** The thread whose code has made the actor. */
export const makerOf = (actor: ActorKey): number => Math.floor(actor / KEYS_PER_THREAD);

/** The id under which programs know an actor: made of its key when somebody asks, for nobody asks of most. */
export const actorIdOf = (runtimeId: string, actor: ActorKey): string =>
  `actor_${runtimeId.slice(runtimeId.indexOf('_') + 1)}_${actor.toString(36)}`;
