/**
 * What the driver knows of an actor. The driver alone writes it.
 *
 *                              1                   2            3
 *   (spawn) ──▶ DEPENDENCIES_UNREADY ──▶ PENDING_CREATION ──▶ ALIVE ──▶ RESTARTING
 *                       │ 5                     │ 5     ▲       │ 5        │ 4   │ 5
 *                       ▼                       ▼       └───────┼──────────┘     │
 *                      DEAD ◀──────────────────────────────────┴────────────────┘
 *
 * 1. Spawned; passed through at once when no argument of the constructor is a pending ref. 2. Its arguments are
 * there: it waits for its resources, and then its creation is sent to a thread. 3. Its incarnation ended and
 * `judgeRestart` allows another. 4. The back-off is over: a new incarnation is sent to a thread. 5. Killed, exited,
 * failed to construct, released, its owner ended, or no restart is left. No edge leaves DEAD.
 */
import type { ActorIdentity } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { EncodedArgs } from './encoded-args.ts';
import type { Link } from './link.ts';
import type { ResolvedActorOptions } from './options.ts';
import type { ActorKey, CellKey } from './protocol.ts';
import { NO_RESTARTS, type RestartHistory } from './restart-judge.ts';

/** Where an actor stands: the drawing above. Ray's states. */
export type ActorState = 'DEPENDENCIES_UNREADY' | 'PENDING_CREATION' | 'ALIVE' | 'RESTARTING' | 'DEAD';

const NEXT: Readonly<Record<ActorState, readonly ActorState[]>> = {
  DEPENDENCIES_UNREADY: ['PENDING_CREATION', 'DEAD'],
  PENDING_CREATION: ['ALIVE', 'RESTARTING', 'DEAD'],
  ALIVE: ['RESTARTING', 'DEAD'],
  RESTARTING: ['PENDING_CREATION', 'DEAD'],
  DEAD: [],
};

export const canBecome = (from: ActorState, to: ActorState): boolean => NEXT[from].includes(to);

export interface ActorRecord {
  readonly actor: ActorKey;
  readonly actorId: string;
  readonly identity: ActorIdentity;
  readonly declaration: ClassDeclaration;
  readonly options: ResolvedActorOptions;
  readonly namespace: string;
  readonly owner: ActorKey | undefined;
  readonly startTime: number;
  state: ActorState;
  endTime: number | undefined;
  deathCause: unknown;
  /** The present incarnation; -1 before the first. */
  cell: CellKey;
  /** The thread of the present incarnation. */
  seat: ActorSeat | undefined;
  history: RestartHistory;
  /** The constructor's arguments, as they were when the actor was asked for; kept while it may be made anew. */
  args: EncodedArgs | undefined;
  /** Threads that want to be told of its moves. */
  subscribers: ReadonlySet<Link>;
  /** Keys under which `getIfExists` handed out further handles of it. */
  readonly aliases: ActorKey[];
}

type Given = Pick<ActorRecord, 'identity' | 'declaration' | 'options' | 'namespace' | 'owner' | 'startTime'>;

const NOBODY: ReadonlySet<Link> = new Set();

/** The record of an actor that somebody wishes to have. */
export function newRecord({ identity, declaration, options, namespace, owner, startTime }: Given): ActorRecord {
  return {
    actor: identity.actor,
    actorId: identity.actorId,
    identity,
    declaration,
    options,
    namespace,
    owner,
    startTime,
    state: 'DEPENDENCIES_UNREADY',
    endTime: undefined,
    deathCause: undefined,
    cell: -1,
    seat: undefined,
    history: NO_RESTARTS,
    args: undefined,
    subscribers: NOBODY,
    aliases: [],
  };
}

/** A thread or a process as a place for actors. */
export interface ActorSeat {
  readonly workerId: string;
  readonly threadId: number;
  readonly pid: number;
  readonly link: Link;
  /** Whether other threads can have a link to it yet. */
  readonly isReachable: boolean;
  /** Told of a killed cell before its entry is sent. */
  readonly kills: { kill(cell: CellKey): void };
  /** For how long its present turn has run; 0: asleep. */
  readonly busyMs: number;
  /** The constructor that runs there now. */
  readonly constructing: { readonly cell: CellKey; readonly forMs: number } | undefined;
}

/** One actor as the state API shows it. Times are milliseconds since the epoch. Ray: a row of `ray list actors`. */
export interface ActorRow {
  /** Stays over restarts. */
  readonly actorId: string;
  readonly className: string;
  /** Empty for an actor without a name. */
  readonly name: string;
  readonly namespace: string;
  readonly state: ActorState;
  /** The thread it lives in; null while it has none. */
  readonly workerId: string | null;
  /** Node's number of that thread. */
  readonly threadId: number | null;
  /** The process it lives in; the driver's while it has none. */
  readonly pid: number;
  /** How often it was made anew. */
  readonly restartCount: number;
  readonly isDetached: boolean;
  /** Why it is DEAD, in words; null before. */
  readonly deathCause: string | null;
  /** When it was asked for. */
  readonly startTime: number;
  /** When it became DEAD. */
  readonly endTime: number | null;
}

export function toActorRow(record: ActorRecord): ActorRow {
  return {
    actorId: record.actorId,
    className: record.declaration.name,
    name: record.options.name ?? '',
    namespace: record.namespace,
    state: record.state,
    workerId: record.seat?.workerId ?? null,
    threadId: record.seat?.threadId ?? null,
    pid: record.seat?.pid ?? process.pid,
    restartCount: record.history.restarts,
    isDetached: record.options.lifetime === 'detached',
    deathCause: record.deathCause === undefined ? null : describe(record.deathCause),
    startTime: record.startTime,
    endTime: record.endTime ?? null,
  };
}

const describe = (cause: unknown): string =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
