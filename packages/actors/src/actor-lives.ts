/**
 * The lives of all actors, from the wish to have one to its death: it writes their records, sends creations to
 * threads and judges ends. `actor-record.ts` draws the states.
 */
import type { ActorState, Clock, Timer } from '@heddle/base';
import { ActorCreations } from './actor-creations.ts';
import type { ActorDirectory } from './actor-directory.ts';
import { makerOf } from './actor-key.ts';
import type { ActorMemory, RememberedActor } from './actor-memory.ts';
import type { ActorNews } from './actor-news.ts';
import { ActorRecord, type ActorTemplate, canBecome } from './actor-record.ts';
import { ActorResources } from './actor-resources.ts';
import type { ActorTerms } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Spawn } from './control-point.ts';
import type { CoreWorker } from './core-worker.ts';
import type { EncodedArgs } from './encoded-args.ts';
import type { Described } from './encoder.ts';
import { ActorAlreadyExistsError, ActorDeathCause, OwnerDiedError } from './errors.ts';
import { warnCannotFit } from './fit-warning.ts';
import type { PoolWorker } from './pool-worker.ts';
import { type CellKey, Kind } from './protocol.ts';
import { type AdoptedActor, RememberedActors } from './remembered-actors.ts';
import type { ResourceQueue } from './resource-queue.ts';
import { judgeRestart, restartLimitsOf, restartSpread } from './restart-judge.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface LivesParts {
  readonly runtimeId: string;
  readonly core: CoreWorker;
  readonly pool: WorkerPool;
  readonly directory: ActorDirectory;
  readonly news: ActorNews;
  readonly clock: Clock;
  /** Of actors that name none. */
  readonly namespace: string;
  /** Where detached actors are remembered, if anywhere. */
  readonly memory: ActorMemory | undefined;
  readonly resources: ResourceQueue;
  readonly nextCell: () => CellKey;
}

/** One for all: an error takes its stack when it is made, and that would be a tenth of a short life. */
const RELEASED = new ActorDeathCause('its last handle is gone', { isIntended: true });

export class ActorLives {
  readonly #core: CoreWorker;
  readonly #pool: WorkerPool;
  readonly #directory: ActorDirectory;
  readonly #news: ActorNews;
  readonly #clock: Clock;
  readonly #namespace: string;
  readonly #memory: ActorMemory | undefined;
  readonly #remembered: RememberedActors | undefined;
  readonly #resources: ActorResources;
  /** Actors whose back-off runs. */
  readonly #backOffs = new Map<ActorRecord, Timer>();
  readonly #creations: ActorCreations;
  readonly #runtimeId: string;
  /** That of the latest spawn: mostly the next one is asked for in the same way. */
  #template: ActorTemplate | undefined;
  #isClosing = false;

  constructor(parts: LivesParts) {
    this.#core = parts.core;
    this.#pool = parts.pool;
    this.#directory = parts.directory;
    this.#news = parts.news;
    this.#clock = parts.clock;
    this.#runtimeId = parts.runtimeId;
    this.#creations = new ActorCreations({
      ...parts,
      definitions: parts.core.definitions,
      timedOut: (cell, cause) => this.failed(cell, cause),
    });
    this.#namespace = parts.namespace;
    this.#memory = parts.memory;
    this.#remembered = parts.memory && new RememberedActors(parts.core, parts.memory, parts.runtimeId);
    this.#resources = new ActorResources(parts.resources, {
      granted: (record) => this.#granted(record),
      cannotFit: (record, shape) =>
        warnCannotFit(
          `Actor "${record.actorId}" of class ${record.declaration.name}`,
          shape,
          parts.resources.total,
          'killed',
        ),
    });
  }

  /** From here on nothing is made, nor made anew. */
  beginClosing(): void {
    this.#isClosing = true;
    for (const timer of this.#backOffs.values()) timer.cancel();
    this.#backOffs.clear();
    this.#creations[Symbol.dispose]();
  }

  /** The threads are over: so is every actor. */
  endAll(cause: Error): void {
    for (const record of this.#directory.living()) {
      this.#become(record, 'DEAD', cause);
      this.#directory.bury(record);
    }
  }

  kill(record: ActorRecord, noRestart: boolean): void {
    const cause = new ActorDeathCause(`actor "${record.actorId}" was killed`);
    this.#removeCell(record);
    if (noRestart) this.#die(record, cause);
    else this.#incarnationOver(record, cause);
  }

  /** Makes the actor. How that went is told to those who hold it. */
  spawn(spawn: Spawn, terms: ActorTerms): void {
    const owner = spawn.options.lifetime === 'detached' ? undefined : spawn.owner;
    const record = new ActorRecord(spawn.actor, this.#templateOf(spawn, terms), owner, this.#clock.now());
    if (this.#isClosing) this.#refuse(record, new ActorDeathCause('the runtime is closing'));
    else if (record.owner !== undefined && this.#directory.get(record.owner) === undefined)
      this.#refuse(record, new ActorDeathCause('the actor that made it is dead'));
    else if (this.#joins(record)) return;
    else if (!this.#directory.add(record))
      this.#refuse(record, new ActorAlreadyExistsError(spawn.options.name!, record.namespace));
    else this.#prepare(record, spawn.args);
  }

  #templateOf({ declaration, options }: Spawn, terms: ActorTerms): ActorTemplate {
    const latest = this.#template;
    if (latest?.declaration === declaration && latest.options === options && latest.terms === terms) return latest;
    const namespace = options.namespace ?? this.#namespace;
    const epochMs = this.#clock.now();
    this.#template = { runtimeId: this.#runtimeId, epochMs, declaration, options, namespace, terms };
    return this.#template;
  }

  /** With `getIfExists`: the new handle is one more of the actor that has the name. */
  #joins(record: ActorRecord): boolean {
    const { name, getIfExists } = record.options;
    const holder = getIfExists ? this.#directory.byName(name!, record.namespace) : undefined;
    if (holder === undefined) return false;
    this.#directory.alias(record.actor, holder);
    this.#news.tellNow(record.actor);
    return true;
  }

  /** An actor that never was: its calls fail with `cause`, once its maker has had time to see the handle. */
  #refuse(record: ActorRecord, cause: Error): void {
    record.state = 'DEAD';
    record.end = { time: this.#clock.now(), cause };
    this.#directory.bury(record);
    this.#news.tell(record, { kind: 'dead', cause });
  }

  /** Snapshots the constructor's arguments, waits for those that are refs, and goes on to create. */
  #prepare(record: ActorRecord, args: readonly unknown[]): void {
    try {
      record.args = this.#encodeArgs(record.template, args);
    } catch (error) {
      this.#die(record, error);
      return;
    }
    if (!record.args.hasRefs) {
      this.#ready(record);
      return;
    }
    this.#news.announce(record);
    record.args.resolved().then(
      (resolved) => {
        if (record.state !== 'DEPENDENCIES_UNREADY') {
          resolved.letGo();
          return;
        }
        record.args = resolved;
        this.#ready(record);
      },
      (error) => this.#die(record, error),
    );
  }

  #encodeArgs({ declaration, options }: ActorTemplate, args: readonly unknown[]): EncodedArgs {
    return this.#core.encodeArgs(args, new ConstructorName(declaration), options.isolation === 'process');
  }

  /** The arguments are there. A detached actor is remembered before it lives, where there is a memory. */
  #ready(record: ActorRecord): void {
    if (this.#remembered === undefined || record.options.lifetime !== 'detached') this.#create(record);
    else this.#createWhen(record, this.#remembered.remember(record));
  }

  #createWhen(record: ActorRecord, remembered: Promise<void>): void {
    remembered.then(
      () => {
        if (record.state !== 'DEAD' && !this.#isClosing) this.#create(record);
      },
      (error) => {
        if (!this.#isClosing) this.#die(record, error);
      },
    );
  }

  /** Makes anew what an earlier runtime has left, as after any death: whoever has no restart left is DEAD. */
  revive(left: readonly RememberedActor[]): void {
    const adopted = this.#remembered!.adopt(left);
    for (const { record } of adopted) this.#directory.add(record);
    for (const actor of adopted) this.#revive(actor, this.#remembered!);
  }

  #revive(actor: AdoptedActor, remembered: RememberedActors): void {
    const { record } = actor;
    const judged = judgeRestart(restartLimitsOf(record.options), record.history, this.#clock.monotonicMs(), 0);
    if (judged.verdict !== 'restart') {
      this.#die(record, new ActorDeathCause('the runtime that it lived in has ended, and it has no restart left'));
      return;
    }
    record.history = judged.history;
    try {
      record.args = this.#encodeArgs(record.template, remembered.argumentsOf(actor));
    } catch (error) {
      this.#die(record, error);
      return;
    }
    this.#createWhen(record, remembered.rememberAgain(actor));
  }

  #granted(record: ActorRecord): void {
    if (this.#isClosing) return;
    if (record.state === 'PENDING_CREATION' && record.seat === undefined) this.#create(record); // Else its back-off runs.
  }

  #place(record: ActorRecord): PoolWorker | undefined {
    try {
      return this.#pool.place(record.options, record.actor);
    } catch (error) {
      this.#die(record, error);
      return undefined;
    }
  }

  #create(record: ActorRecord): void {
    const args = record.args!;
    if (args.transfers.length > 0 && record.history.restarts > 0) {
      this.#die(record, new ActorDeathCause("its constructor's arguments were moved to its last incarnation"));
      return;
    }
    if (!this.#resources.ask(record)) {
      this.#become(record, 'PENDING_CREATION');
      return;
    }
    const thread = this.#place(record);
    if (thread === undefined) return;
    this.#creations.send(record, thread);
    this.#become(record, 'PENDING_CREATION');
    this.#creations.watch(record, thread);
    this.#news.tell(record, { kind: 'located', cell: record.cell, threadId: thread.threadId });
  }

  // ── Its end ────────────────────────────────────────────────────────────────────────────────────────────

  /** Its constructor has returned. */
  alive(cell: CellKey): void {
    const record = this.#directory.byCell(cell);
    if (record === undefined) return;
    this.#creations.over(record);
    if (record.state !== 'PENDING_CREATION') return;
    if (record.options.maxRestarts === 0) this.#dropArgs(record);
    else record.history = { ...record.history, aliveSinceMs: this.#clock.monotonicMs() };
    this.#become(record, 'ALIVE');
  }

  /** It has left: of itself, or because it was retired. */
  exited(cell: CellKey): void {
    const record = this.#directory.byCell(cell);
    if (record === undefined) return;
    const { isRetired } = record;
    this.#ended(
      record,
      isRetired ? RELEASED : new ActorDeathCause('the actor called exitActor()', { isIntended: true }),
    );
  }

  /** The cell ended of itself, in a thread that lives on: for good. */
  failed(cell: CellKey, cause: unknown): void {
    const record = this.#directory.byCell(cell);
    if (record !== undefined) this.#ended(record, cause);
  }

  #ended(record: ActorRecord, cause: unknown): void {
    this.#creations.over(record);
    this.#leaveSeat(record);
    this.#die(record, cause);
  }

  /** Its thread has ended, and it with it. */
  threadOver(thread: PoolWorker): void {
    this.#creations.threadOver(thread);
    for (const record of this.#directory.living()) {
      if (record.seat !== thread || record.state === 'DEAD') continue;
      record.seat = undefined;
      record.creation = undefined;
      if (!this.#isClosing) this.#incarnationOver(record, thread.cause);
    }
  }

  /** A thread of the pool is over: the actors that its tasks have made end with it. */
  taskThreadOver(threadId: number): void {
    for (const record of this.#directory.living()) {
      const isOfTask = record.owner === undefined && record.options.lifetime !== 'detached';
      if (isOfTask && makerOf(record.actor) === threadId)
        this.#dieWithOwner(record, `a task in thread ${threadId}`, undefined);
    }
  }

  #incarnationOver(record: ActorRecord, cause: unknown): void {
    if (record.state === 'DEPENDENCIES_UNREADY' || record.state === 'RESTARTING') return;
    const limits = restartLimitsOf(record.options);
    const spread = restartSpread(record.actor, record.history.restarts);
    const judged = judgeRestart(limits, record.history, this.#clock.monotonicMs(), spread);
    switch (judged.verdict) {
      case 'dead':
        this.#die(record, cause);
        return;
      case 'give up':
        this.#die(
          record,
          new ActorDeathCause(`gave up: more than ${limits.intensity} restarts in ${limits.withinMs} ms`, { cause }),
        );
        return;
      case 'restart':
        for (const child of this.#directory.ownedBy(record.actor))
          this.#dieWithOwner(child, `actor "${record.actorId}"`, cause);
        record.history = judged.history;
        this.#memory?.changed(record);
        this.#become(record, 'RESTARTING');
        this.#news.tell(record, { kind: 'restarting', cause });
        this.#restartAfter(record, judged.delayMs);
    }
  }

  #restartAfter(record: ActorRecord, delayMs: number): void {
    if (delayMs === 0) {
      this.#create(record);
      return;
    }
    const timer = this.#clock.after(
      delayMs,
      () => {
        this.#backOffs.delete(record);
        this.#create(record);
      },
      { background: true },
    );
    this.#backOffs.set(record, timer);
  }

  #die(record: ActorRecord, cause: unknown): void {
    if (record.state === 'DEAD') return;
    if (this.#backOffs.size > 0) this.#endBackOff(record);
    const owned = this.#directory.ownedBy(record.actor);
    this.#become(record, 'DEAD', cause);
    this.#directory.bury(record);
    this.#memory?.forget(record);
    this.#resources.drop(record);
    this.#dropArgs(record);
    this.#news.tell(record, { kind: 'dead', cause });
    for (const child of owned) this.#dieWithOwner(child, `actor "${record.actorId}"`, cause);
  }

  #dropArgs(record: ActorRecord): void {
    record.args?.letGo();
    record.args = undefined;
  }

  #endBackOff(record: ActorRecord): void {
    this.#backOffs.get(record)?.cancel();
    this.#backOffs.delete(record);
  }

  /** `owner`: in words. */
  #dieWithOwner(child: ActorRecord, owner: string, cause: unknown): void {
    this.#removeCell(child);
    this.#die(child, new OwnerDiedError(owner, cause));
  }

  #removeCell(record: ActorRecord): void {
    if (record.seat === undefined) return;
    record.seat.kills.kill(record.cell);
    record.seat.link.entry().push(Kind.Remove, record.cell);
    this.#leaveSeat(record);
  }

  #leaveSeat(record: ActorRecord): void {
    if (record.seat !== undefined) this.#pool.left(record.seat as PoolWorker);
    record.seat = undefined;
  }

  /** Nobody can call the actor any more: it finishes what waits, and ends. */
  retire(record: ActorRecord): void {
    if (record.state === 'DEAD') return;
    if (record.seat === undefined) this.#die(record, new ActorDeathCause('its last handle is gone'));
    else {
      record.isRetired = true;
      record.seat.link.entry().push(Kind.Retire, record.cell);
    }
  }

  #become(record: ActorRecord, state: ActorState, cause?: unknown): void {
    if (!canBecome(record.state, state)) return;
    record.state = state;
    if (state === 'DEAD') record.end = { time: this.#clock.now(), cause };
    this.#news.announce(record);
  }
}

/** Names a constructor for an error that hardly ever comes. */
class ConstructorName implements Described {
  readonly #declaration: ClassDeclaration;

  constructor(declaration: ClassDeclaration) {
    this.#declaration = declaration;
  }

  get description(): string {
    return `the constructor of ${this.#declaration.name}`;
  }
}
