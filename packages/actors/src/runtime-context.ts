import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActorContext } from './actor-context.ts';
import { ActorScope } from './actor-scope.ts';
import { Envelope } from './envelope.ts';

/** Where the running code is. Ray: `RuntimeContext`. */
export interface RuntimeContext {
  /** The actor whose method runs; undefined in the driver. The id survives restarts. */
  readonly actorId: string | undefined;
  readonly actorName: string | undefined;
  readonly namespace: string;
  /** The running call; undefined in the driver and in a constructor. */
  readonly taskId: string | undefined;
  /** The thread's id; it changes when the actor restarts elsewhere. */
  readonly workerId: string;
  /** The Heddle job that this program runs as, if it does. */
  readonly jobId: string | undefined;
  /** How often the actor was made anew. (Ray tells only whether it was.) */
  readonly restartCount: number;
  /** Aborts when the running call is cancelled. (Ray: `is_canceled()`.) */
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
    taskId: envelope && taskIdOf(envelope, thread.workerId),
    workerId: thread.workerId,
    jobId: thread.jobId,
    restartCount: actor?.restartCount ?? 0,
    signal: envelope?.signal ?? neverAborts,
  };
}

const taskIds = new WeakMap<Envelope, string>();
let tasks = 0;

/** Ids are made only for calls that ask: most never do. Unique, since those of workers are. */
function taskIdOf(envelope: Envelope, workerId: string): string {
  let taskId = taskIds.get(envelope);
  if (taskId === undefined) {
    taskId = `task_${workerId.slice(workerId.indexOf('_') + 1)}_${(tasks++).toString(36)}`;
    taskIds.set(envelope, taskId);
  }
  return taskId;
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
