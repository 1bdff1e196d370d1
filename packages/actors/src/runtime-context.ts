import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { ActorContext } from './actor-context.ts';
import { ActorScope } from './actor-scope.ts';
import { Envelope } from './envelope.ts';
import { outsideContext } from './outside-context.ts';

/** Where the running code is. Ray: `RuntimeContext`. */
export interface RuntimeContext {
  /** The actor whose method runs; undefined in the driver. The id survives restarts. */
  readonly actorId: string | undefined;
  /** The name it was given, if any. */
  readonly actorName: string | undefined;
  /** Of names that are given without one here. */
  readonly namespace: string;
  /** The running call; undefined in the driver and in a constructor. */
  readonly taskId: string | undefined;
  /** The thread's id; it changes when the actor restarts elsewhere. */
  readonly workerId: string;
  /** The Heddle job that this program runs as, if it does. */
  readonly jobId: string | undefined;
  /** How often the actor was made anew. (Ray tells only whether it was.) */
  readonly restartCount: number;
  /**
   * Aborts when the running call is cancelled. Code that does not await lets no event in: it asks again,
   * `getRuntimeContext().signal.aborted`. (Ray: `is_canceled()`.)
   */
  readonly signal: AbortSignal;
}

/** What is the same for all code of a thread. */
export interface ThreadContext {
  readonly runtimeId: string;
  readonly namespace: string;
  readonly workerId: string;
  readonly jobId: string | undefined;
}

/** Code of an actor: in a call, in an actor that runs one at a time, or in a hook. */
type Running = Envelope | ActorScope | ActorContext;

const storage = new AsyncLocalStorage<Running>();
let thread: ThreadContext | undefined;
const neverAborts = new AbortController().signal;

export function setThreadContext(context: ThreadContext | undefined): void {
  thread = context;
}

/** Runs `action` for an actor, and whatever it goes on to do asynchronously. */
export function inAsyncContext<T>(running: Running, action: () => T): T {
  return storage.run(running, action);
}

/** In no context: entering it costs a fortieth of what `AsyncLocalStorage.run` does, which makes two contexts, one to come back. */
const outside = outsideContext(() => new AsyncResource('HeddleOutside', { requireManualDestroy: true }));

/** The same for what begins anew: nothing of the context of the code that happens to begin it goes along. */
export function inOwnContext<T>(running: Running, action: () => T): T {
  return outside.runInAsyncScope(enterAndRun<T>, undefined, running, action);
}

function enterAndRun<T>(running: Running, action: () => T): T {
  storage.enterWith(running);
  return action();
}

/** A scope in a context of its own, in which no call runs yet. */
export function newScope(context: ActorContext | undefined): ActorScope {
  const scope = new ActorScope(context);
  inOwnContext(scope, () => scope.settle());
  return scope;
}

/** The call that the running code belongs to, if any. */
export function presentEnvelope(): Envelope | undefined {
  const running = storage.getStore();
  if (running instanceof Envelope) return running;
  return running instanceof ActorScope ? running.envelope : undefined;
}

/** The actor that the running code belongs to, if any. */
export function presentActor(): ActorContext | undefined {
  const running = storage.getStore();
  return running instanceof Envelope || running instanceof ActorScope ? running.context : running;
}

/**
 * Where the running code is: actor, name, namespace, call, worker, job, restarts, and the signal that a cancel
 * of the call aborts. Ray: `get_runtime_context()`.
 * @throws TypeError where no runtime is open.
 */
export function getRuntimeContext(): RuntimeContext {
  if (thread === undefined)
    throw new TypeError('Cannot get the runtime context: no runtime is open; call "await init()" first');
  const actor = presentActor();
  const envelope = presentEnvelope();
  return {
    actorId: actor?.actorId,
    actorName: actor?.actorName,
    namespace: actor?.namespace ?? thread.namespace,
    taskId: envelope && taskIdOf(envelope, thread.runtimeId),
    workerId: thread.workerId,
    jobId: thread.jobId,
    restartCount: actor?.restartCount ?? 0,
    signal: envelope?.signal ?? neverAborts,
  };
}

/** The call's id wherever it is spoken of: the thread that made it, and that thread's number of it. */
const taskIdOf = ({ link, order }: Envelope, runtimeId: string): string => taskIdFor(runtimeId, link.peer, order);

export const taskIdFor = (runtimeId: string, owner: number, order: number): string =>
  `task_${runtimeId.slice(runtimeId.indexOf('_') + 1)}_${owner}_${order.toString(36)}`;

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
