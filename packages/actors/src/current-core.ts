import type { AnyHandle } from './actor-handle.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { RuntimeClosedError } from './errors.ts';
import type { ObjectRef } from './object-ref.ts';
import type { ResolvedActorOptions } from './options.ts';
import type { ResolvedTaskOptions } from './task-options.ts';

/** What the public functions of this thread need of its core. */
export interface Core {
  create(declaration: ClassDeclaration, args: readonly unknown[], options: ResolvedActorOptions): AnyHandle;
  getActor(name: string, namespace: string | undefined): Promise<AnyHandle>;
  listNamedActors(allNamespaces: boolean): Promise<NamedActor[]>;
  kill(handle: unknown, noRestart: boolean): Promise<void>;
  watch(handle: unknown): Promise<ActorDeath>;
  submit(declaration: ClassDeclaration, args: readonly unknown[], options: ResolvedTaskOptions): unknown;
  put(value: unknown): ObjectRef;
  cancel(ref: unknown, force: boolean, recursive: boolean): Promise<void>;
}

/** That an actor is dead, and why. */
export interface ActorDeath {
  readonly actorId: string;
  /** The constructor's error, the exception that ended its thread, an `ActorDeathCause` such as a kill. */
  readonly cause: unknown;
  /** It ended of itself: it called `exitActor()`, or nobody held it any more. */
  readonly isIntended: boolean;
}

/** A name and where it is unique: what `listNamedActors({ allNamespaces: true })` gives. */
export interface NamedActor {
  readonly name: string;
  readonly namespace: string;
}

/** In a worker: its core. In the driver: the core of the runtime that `init` started. */
let current: Core | undefined;

export function setCurrentCore(core: Core | undefined): void {
  current = core;
}

export const hasCurrentCore = (): boolean => current !== undefined;

/** `name`: of what the action is done to. @throws RuntimeClosedError where no runtime is open in this thread. */
export function currentCore(action: string, name?: string): Core {
  if (current !== undefined) return current;
  const what = name === undefined ? action : `${action} "${name}"`;
  throw new RuntimeClosedError(`Cannot ${what}: no runtime is open; call "await init()" first`);
}
