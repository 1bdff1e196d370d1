import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActorKey } from './protocol.ts';

/** Where the running code is. Ray: `RuntimeContext`. */
export interface RuntimeContext {
  /** The actor whose method runs; undefined in the driver. The id survives restarts. */
  readonly actorId: string | undefined;
  readonly actorName: string | undefined;
  readonly namespace: string;
  /** The thread's id; it changes when the actor restarts elsewhere. */
  readonly workerId: string;
  /** How often the actor was made anew. (Ray tells only whether it was.) */
  readonly restartCount: number;
}

/** The context of a running actor, with what the runtime itself needs. */
export interface ActorContext extends RuntimeContext {
  readonly actor: ActorKey;
}

const storage = new AsyncLocalStorage<ActorContext>();
let present: ActorContext | undefined;
let base: RuntimeContext | undefined;

/** Sets the context of code that runs outside any call: the driver's, or a worker's own. */
export function setBaseContext(context: RuntimeContext | undefined): void {
  base = context;
}

/** Runs `action` in an actor's context, and whatever it goes on to do asynchronously. */
export function inAsyncContext<T>(context: ActorContext, action: () => T): T {
  return storage.run(context, action);
}

/**
 * Enters an actor's context for the rest of this turn and returns the one before, for `leaveContext`. A class
 * without an async method is followed through a plain variable, since asynchronous storage costs a hundred
 * times as much as the call itself.
 */
export function enterContext(context: ActorContext): ActorContext | undefined {
  const before = present;
  present = context;
  return before;
}

export function leaveContext(before: ActorContext | undefined): void {
  present = before;
}

/** The actor that the running code belongs to, if any. */
export const presentActor = (): ActorContext | undefined => present ?? storage.getStore();

/**
 * Where the running code is: actor id, name, namespace, worker, restart count. Ray: `get_runtime_context()`.
 * @throws TypeError where no runtime is open.
 */
export function getRuntimeContext(): RuntimeContext {
  const context = presentActor() ?? base;
  if (context === undefined)
    throw new TypeError('Cannot get the runtime context: no runtime is open; call "await init()" first');
  return context;
}

/** Thrown by `exitActor`; never shown to a caller. */
export class ActorExit extends Error {
  override readonly name = 'ActorExit';
}

/**
 * Ends the present actor after the current call: queued calls fail, running ones finish, it is not restarted.
 * It never returns. Ray: `ray.actor.exit_actor()`.
 * @throws TypeError outside an actor.
 */
export function exitActor(): never {
  if (presentActor() === undefined) throw new TypeError('Cannot exit the actor: this code does not run inside one');
  throw new ActorExit('the actor exits');
}
