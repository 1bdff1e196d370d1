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
import type { ActorRow, ActorState } from '@heddle/base';
import { actorIdOf } from './actor-key.ts';
import type { ActorIdentity, ActorTerms } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { WatchedCreations } from './creation-watch.ts';
import type { EncodedArgs } from './encoded-args.ts';
import type { Link } from './link.ts';
import type { ResolvedActorOptions } from './options.ts';
import type { ActorKey, CellKey } from './protocol.ts';
import { NO_RESTARTS, type RestartHistory } from './restart-judge.ts';

/** Whether an arrow of the drawing leads from one state to the other. Asked three times for each actor: hence no table. */
export function canBecome(from: ActorState, to: ActorState): boolean {
  switch (from) {
    case 'DEPENDENCIES_UNREADY':
      return to === 'PENDING_CREATION' || to === 'DEAD';
    case 'PENDING_CREATION':
      return to === 'ALIVE' || to === 'RESTARTING' || to === 'DEAD';
    case 'ALIVE':
      return to === 'RESTARTING' || to === 'DEAD';
    case 'RESTARTING':
      return to === 'PENDING_CREATION' || to === 'DEAD';
    case 'DEAD':
      return false;
  }
}

/** What all actors have in common that were asked for in one way: made once for many records. */
export interface ActorTemplate {
  readonly runtimeId: string;
  /** The id of the one actor that it is for, which had it in an earlier runtime. */
  readonly givenId?: string;
  /** From when on `startedMs` counts: so small a number takes no memory of its own. */
  readonly epochMs: number;
  readonly declaration: ClassDeclaration;
  readonly options: ResolvedActorOptions;
  readonly namespace: string;
  readonly terms: ActorTerms;
}

const NOBODY: ReadonlySet<Link> = new Set();
const NO_KEYS: readonly ActorKey[] = [];

/** The record of an actor that somebody wishes to have. A million of them fit: what few have is made when it is there. */
export class ActorRecord {
  readonly actor: ActorKey;
  readonly template: ActorTemplate;
  readonly owner: ActorKey | undefined;
  readonly #startedMs: number;
  state: ActorState = 'DEPENDENCIES_UNREADY';
  /** When and of what it died. */
  end: { readonly time: number; readonly cause: unknown } | undefined = undefined;
  /** The present incarnation; -1 before the first. */
  cell: CellKey = -1;
  /** The thread of the present incarnation. */
  seat: ActorSeat | undefined = undefined;
  history: RestartHistory = NO_RESTARTS;
  /** The constructor's arguments, as they were when the actor was asked for; kept while it may be made anew. */
  args: EncodedArgs | undefined = undefined;
  /** Those whose constructors are watched with its own, until that has returned. */
  creation: WatchedCreations | undefined = undefined;
  /** Told to finish and end, because nobody holds it. */
  isRetired = false;
  /** Threads that want to be told of its moves. */
  subscribers: ReadonlySet<Link> = NOBODY;
  /** Keys under which `getIfExists` handed out further handles of it. */
  aliases: readonly ActorKey[] = NO_KEYS;

  constructor(actor: ActorKey, template: ActorTemplate, owner: ActorKey | undefined, startTime: number) {
    this.actor = actor;
    this.template = template;
    this.owner = owner;
    this.#startedMs = Math.round(startTime - template.epochMs);
  }

  get actorId(): string {
    return this.template.givenId ?? actorIdOf(this.template.runtimeId, this.actor);
  }

  get startTime(): number {
    return this.template.epochMs + this.#startedMs;
  }

  get declaration(): ClassDeclaration {
    return this.template.declaration;
  }

  get options(): ResolvedActorOptions {
    return this.template.options;
  }

  get namespace(): string {
    return this.template.namespace;
  }

  /** What a handle of it carries. */
  get identity(): ActorIdentity {
    return { ...this.template.terms, actor: this.actor, actorId: this.actorId };
  }
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
  /** What the latest creation sent there was made by: those after it that are like it need not say so again. */
  latestTemplate: ActorTemplate | undefined;
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
    deathCause: record.end?.cause === undefined ? null : describe(record.end.cause),
    startTime: record.startTime,
    endTime: record.end?.time ?? null,
  };
}

const describe = (cause: unknown): string =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
