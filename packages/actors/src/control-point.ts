import type { AnyHandle } from './actor-handle.ts';
import type { ActorRoute } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { NamedActor } from './current-core.ts';
import type { ResolvedActorOptions } from './options.ts';
import type { ActorKey, CellKey } from './protocol.ts';
import type { Resources } from './resource-ledger.ts';

/** A wish to have an actor, as the thread that made its handle states it. */
export interface Spawn {
  readonly actor: ActorKey;
  readonly declaration: ClassDeclaration;
  readonly options: ResolvedActorOptions;
  readonly args: readonly unknown[];
  /** The actor whose code asked; undefined for the driver's own. */
  readonly owner: ActorKey | undefined;
}

/** What a core asks of the driver: directly in the driver's own thread, over its link in a worker. */
export interface ControlPoint {
  /** Makes the actor; how that went shows in its route. */
  spawn(spawn: Spawn, route: ActorRoute): void;
  /** Has the route told where its actor lives, now and after every change. */
  locate(route: ActorRoute): void;
  /** The thread has no handle of the actor any more and no call to it. */
  idle(actor: ActorKey): void;
  /** This thread wants `count` leases more for tasks that need `shape`. */
  wantLeases(shape: Resources, count: number): void;
  returnLease(cell: CellKey): void;
  /** Ends the thread of a lease of this thread's, with all that runs in it. */
  endThread(cell: CellKey): void;
  /** The object store is full: asks all other threads to collect their garbage. */
  collectElsewhere(): void;
  getActor(name: string, namespace: string | undefined): Promise<AnyHandle>;
  listNamedActors(allNamespaces: boolean): Promise<NamedActor[]>;
  kill(actor: ActorKey, noRestart: boolean): Promise<void>;
}
