export { type ActorRow, type ActorState, registerErrorClass, type WorkerRow } from '@heddle/base';
export { ActorGroup, ActorGroupGaveUpError, type GroupMember, type GroupOptions } from './actor-group.ts';
export type { ActorHandle, ActorHandleBase, ActorMethod, CallValue, InstanceOf } from './actor-handle.ts';
export { ActorPool, type PoolTask } from './actor-pool.ts';
export type { ActorDeath, NamedActor } from './current-core.ts';
export * from './errors.ts';
export type { RestartPolicy, RestartStrategy } from './group-judge.ts';
export { type MethodDeclaration, type MethodOptions, method } from './method-options.ts';
export { ObjectRef } from './object-ref.ts';
export { ObjectRefGenerator } from './object-ref-generator.ts';
export type { ActorOptions, RestartIntensity, RuntimeOptions } from './options.ts';
export {
  type CancelOptions,
  cancel,
  type GetOptions,
  get,
  getActor,
  type InitOptions,
  init,
  kill,
  listNamedActors,
  put,
  shutdown,
  type WaitOptions,
  wait,
  watch,
} from './public-api.ts';
export { Queue, type QueueOptions, type QueueWaitOptions } from './queue.ts';
export { QueueEmptyError, QueueFullError } from './queue-actor.ts';
export { RemoteClass, remote } from './remote.ts';
export { type AnyFunction, RemoteFunction } from './remote-function.ts';
export { type ObjectRow, Runtime, type RuntimeParts, type RuntimeStats, startRuntime } from './runtime.ts';
export { exitActor, getRuntimeContext, type RuntimeContext } from './runtime-context.ts';
export type { TaskOptions } from './task-options.ts';
export type { TaskRow, TaskSummary } from './task-row.ts';
export type { TaskState } from './task-state.ts';
export type { Tracing } from './task-trace.ts';
export { threadPort } from './thread-ports.ts';
export type { TimelineEvent } from './timeline.ts';
export { transfer } from './transfer.ts';
