import type { ActorKey } from './protocol.ts';

/** The id under which programs know an actor: made of its key when somebody asks, for nobody asks of most. */
export const actorIdOf = (runtimeId: string, actor: ActorKey): string =>
  `actor_${runtimeId.slice(runtimeId.indexOf('_') + 1)}_${actor.toString(36)}`;
