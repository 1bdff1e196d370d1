import { HeddleError, quote, registerErrorClass } from '@heddle/base';

/** How far a call had come when its actor died. */
export interface DeathDetails {
  /** True when the call may have had effects: it had begun. */
  readonly began: boolean;
  /** Why the actor died. */
  readonly cause?: unknown;
}

/**
 * The actor is dead, so the call has no result. Ray: `ActorDiedError`.
 *
 * `began` tells whether the method had begun to run; `retryable` is its opposite. `cause` says why the actor
 * died: the constructor's error, the exception that ended its thread, a kill.
 */
export class ActorDiedError extends HeddleError {
  override readonly name = 'ActorDiedError';
  override readonly code = 'ACTOR_DIED';
  override readonly retryable: boolean;
  readonly began: boolean;

  constructor(actor: string, details: DeathDetails) {
    super(
      `Cannot finish a call on actor "${actor}": it died${details.began ? ' while running it' : ' before starting it'}${because(details.cause)}`,
      { cause: details.cause },
    );
    this.began = details.began;
    this.retryable = !details.began;
  }
}

/** The actor restarts, and its `failFast` says not to wait; the call never began. Ray: `ActorUnavailableError`. */
export class ActorUnavailableError extends HeddleError {
  override readonly name = 'ActorUnavailableError';
  override readonly code = 'ACTOR_UNAVAILABLE';
  override readonly retryable = true;
  readonly began = false;

  constructor(actor: string, cause: unknown) {
    super(`Cannot call actor "${actor}": it restarts${because(cause)}`, { cause });
  }
}

/** The actor was not there in time (`creationTimeoutMs`): the `cause` of its calls' `ActorDiedError`. Ray waits for ever. */
export class ActorCreationTimeoutError extends HeddleError {
  override readonly name = 'ActorCreationTimeoutError';
  override readonly code = 'ACTOR_CREATION_TIMEOUT';

  constructor(className: string, what: string, limitMs: number) {
    super(`Cannot create an actor of class "${className}": ${what} within ${limitMs} ms, its creationTimeoutMs`);
  }
}

/** Why an actor is dead or had to restart: the `cause` of an `ActorDiedError` where no user error is. */
export class ActorDeathCause extends HeddleError {
  override readonly name = 'ActorDeathCause';
  override readonly code = 'ACTOR_DEATH_CAUSE';
  /** The actor ended of itself. */
  readonly isIntended: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isIntended?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.isIntended = options.isIntended ?? false;
  }
}

/** The name is taken by a living actor of the same namespace. Ray: `ValueError` at the call. */
export class ActorAlreadyExistsError extends HeddleError {
  override readonly name = 'ActorAlreadyExistsError';
  override readonly code = 'ACTOR_ALREADY_EXISTS';

  constructor(actorName: string, namespace: string) {
    super(`Cannot create actor "${actorName}": the name is taken in namespace "${namespace}"`);
  }
}

/** No living actor has that name. Ray: `ValueError`. */
export class ActorNotFoundError extends HeddleError {
  override readonly name = 'ActorNotFoundError';
  override readonly code = 'ACTOR_NOT_FOUND';

  constructor(actorName: string, namespace: string) {
    super(`Cannot find actor "${actorName}": no living actor has that name in namespace "${namespace}"`);
  }
}

/**
 * User code threw. `cause` is what it threw: an instance of its class where that is built in or registered
 * with `registerErrorClass`, with name, message, fields, `code`, cause chain and remote stack. Ray: `RayTaskError`.
 */
export class TaskError extends HeddleError {
  override readonly name = 'TaskError';
  override readonly code = 'TASK_ERROR';

  constructor(task: string, cause: unknown) {
    super(`Cannot get the result of ${task}: it threw ${describe(cause)}`, { cause });
  }
}

/**
 * What a caller gets of what user code threw. One `TaskError` however many hops: what failed first is the cause. It
 * has no frames of its own: they would all be the runtime's, and the cause's stack is what leads to the fault.
 */
export function taskError(task: string, thrown: unknown): TaskError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new TaskError(task, thrown instanceof TaskError ? thrown.cause : thrown);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A value cannot be sent to another thread; `path` says where in it the culprit stands. Ray: `TypeError` at the call. */
export class SerializationError extends HeddleError {
  override readonly name = 'SerializationError';
  override readonly code = 'SERIALIZATION';
  override readonly retryable = true;
  /** For example `argument 2 .options.onDone`. */
  readonly path: string;

  constructor(task: string, path: string, problem: string) {
    super(`Cannot send ${path} of ${task}: ${problem}`);
    this.path = path;
  }
}

/** The values were not there within the time given. Ray: `GetTimeoutError`. */
export class GetTimeoutError extends HeddleError {
  override readonly name = 'GetTimeoutError';
  override readonly code = 'GET_TIMEOUT';

  constructor(timeoutMs: number, missing: number) {
    super(`Cannot get ${missing === 1 ? 'a value' : `${missing} values`} within ${timeoutMs} ms: still pending`);
  }
}

/** The caller has as many calls pending on this actor, or as many tasks, as it may. Thrown at the call. Ray: `PendingCallsLimitExceeded`. */
export class PendingCallsLimitExceededError extends HeddleError {
  override readonly name = 'PendingCallsLimitExceededError';
  override readonly code = 'PENDING_CALLS_LIMIT_EXCEEDED';
  override readonly retryable = true;

  /** `target` in words, and what sets the limit. */
  constructor(target: string, limit: number, by = 'the limit set by maxPendingCalls') {
    super(`Cannot call ${target}: ${limit} calls are pending, ${by}`);
  }
}

/** The call was cancelled: it never started, or it was asked to end. Ray: `TaskCancelledError`. */
export class TaskCancelledError extends HeddleError {
  override readonly name = 'TaskCancelledError';
  override readonly code = 'TASK_CANCELLED';

  constructor(task: string) {
    super(`Cannot get the result of ${task}: it was cancelled`);
  }
}

/** The owner is dead, and what it owned with it: an actor it made, or an object whose value had not left its thread. Ray: `OwnerDiedError`. */
export class OwnerDiedError extends HeddleError {
  override readonly name = 'OwnerDiedError';
  override readonly code = 'OWNER_DIED';

  /** `owner` in words, such as `thread 3`. */
  constructor(owner: string, cause: unknown, action = 'live on') {
    super(`Cannot ${action}: the owner, ${owner}, is dead${because(cause)}`, { cause });
  }
}

/** The object store is full, also after a collection. Release refs (`using`, `release()`) or raise `objectStoreBytes`. Ray: `ObjectStoreFullError`. */
export class ObjectStoreFullError extends HeddleError {
  override readonly name = 'ObjectStoreFullError';
  override readonly code = 'OBJECT_STORE_FULL';
  override readonly retryable = true;

  constructor(bytes: number, used: number, limit: number) {
    super(
      `Cannot put a value of ${bytes} bytes: ${used} of ${limit} bytes are in use; release refs, or raise objectStoreBytes`,
    );
  }
}

/** The runtime was shut down, or none was started. */
export class RuntimeClosedError extends HeddleError {
  override readonly name = 'RuntimeClosedError';
  override readonly code = 'RUNTIME_CLOSED';
}

/** Another runtime works in the directory: it alone may remember actors there. Ray has no counterpart. */
export class RuntimeDirectoryInUseError extends HeddleError {
  override readonly name = 'RuntimeDirectoryInUseError';
  override readonly code = 'RUNTIME_DIRECTORY_IN_USE';
  override readonly retryable = true;
  /** The process whose runtime has it, where that can be told. */
  readonly holderPid: number | undefined;

  constructor(directory: string, holderPid: number | undefined, options?: ErrorOptions) {
    const who = holderPid === undefined ? 'another process' : `process ${holderPid}`;
    super(`Cannot start a runtime in directory "${directory}": the runtime of ${who} uses it`, options);
    this.holderPid = holderPid;
  }
}

/** A module that holds an actor class or a function cannot be loaded, in a worker or by `remote(url, name)`, or does not hold it. */
export class ActorModuleError extends HeddleError {
  override readonly name = 'ActorModuleError';
  override readonly code = 'ACTOR_MODULE';
}

/** The worker's thread ended before it answered: a task that has no retry left, or a control call. Ray: `WorkerCrashedError`. */
export class WorkerCrashedError extends HeddleError {
  override readonly name = 'WorkerCrashedError';
  override readonly code = 'WORKER_CRASHED';
}

for (const errorClass of [
  ActorDiedError,
  ActorDeathCause,
  ActorUnavailableError,
  ActorCreationTimeoutError,
  ActorAlreadyExistsError,
  ActorNotFoundError,
  TaskError,
  SerializationError,
  GetTimeoutError,
  PendingCallsLimitExceededError,
  TaskCancelledError,
  OwnerDiedError,
  ObjectStoreFullError,
  RuntimeClosedError,
  ActorModuleError,
  RuntimeDirectoryInUseError,
  WorkerCrashedError,
]) {
  registerErrorClass(errorClass);
}

function because(cause: unknown): string {
  if (cause === undefined) return '';
  return ` (${cause instanceof Error ? cause.message : describe(cause)})`;
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  return typeof thrown === 'string' ? thrown : quote(thrown);
}
