/**
 * The driver's own work: it keeps the actors' records, places actors on threads, judges deaths, and tells the
 * threads that asked. Nothing of a call passes through here.
 */
import { type Clock, decodeThrown, type EncodedThrown, encodeThrown, type IdSource, type Timer } from '@heddle/base';
import { ActorConsole } from './actor-console.ts';
import { ActorDirectory } from './actor-directory.ts';
import type { AnyHandle } from './actor-handle.ts';
import { type ActorRecord, type ActorRow, type ActorState, canBecome, toActorRow } from './actor-record.ts';
import type { ActorIdentity, ActorRoute, Verdict } from './actor-route.ts';
import type { Answer, FoundActor, Question } from './ask.ts';
import { Censuses } from './censuses.ts';
import type { ControlPoint, Spawn } from './control-point.ts';
import type { CoreWorker, SpecialEntries } from './core-worker.ts';
import type { NamedActor } from './current-core.ts';
import { ActorAlreadyExistsError, ActorDeathCause, ActorNotFoundError, OwnerDiedError } from './errors.ts';
import type { Holding } from './handle-count.ts';
import type { Concurrency } from './lanes.ts';
import { type LeaseOwner, Leases } from './leases.ts';
import type { Link } from './link.ts';
import type { ObjectStore } from './object-store.ts';
import type { ResolvedActorOptions } from './options.ts';
import { type ActorKey, type Batch, type CellKey, countOf, formOf, Kind } from './protocol.ts';
import type { Resources } from './resource-ledger.ts';
import { ResourceQueue } from './resource-queue.ts';
import {
  DEFAULT_RESTART_LIMITS,
  judgeRestart,
  NO_RESTARTS,
  type RestartLimits,
  SYSTEM_RESTART_LIMITS,
} from './restart-judge.ts';
import { TaskPool } from './task-pool.ts';
import type { ThreadNews } from './task-start.ts';
import { WorkerPool } from './worker-pool.ts';
import type { WorkerThread } from './worker-thread.ts';

export interface DriverOptions {
  readonly core: CoreWorker;
  readonly runtimeId: string;
  readonly namespace: string;
  readonly threadId: number;
  readonly workers: number;
  readonly resources: Resources;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logToDriver: boolean;
}

type ActorListener = (row: ActorRow) => void;

export class Driver implements ControlPoint, SpecialEntries {
  readonly pool: WorkerPool;
  readonly directory = new ActorDirectory();
  readonly console: ActorConsole;
  readonly #core: CoreWorker;
  readonly #clock: Clock;
  readonly #namespace: string;
  readonly #listeners = new Set<ActorListener>();
  /** Actors whose back-off runs. */
  readonly #backOffs = new Map<ActorRecord, Timer>();
  readonly tasks: TaskPool;
  readonly #leases: Leases;
  readonly #owners = new Map<Link, LeaseOwner>();
  /** The driver's own tasks. */
  readonly #self: LeaseOwner;
  readonly #censuses: Censuses;
  /** Told to finish and end, because nobody holds them. */
  readonly #retired = new WeakSet<ActorRecord>();
  #cells = 0;
  #isClosing = false;

  constructor(options: DriverOptions) {
    this.#core = options.core;
    this.#clock = options.clock;
    this.#namespace = options.namespace;
    this.console = new ActorConsole(options.logToDriver ? { out: process.stdout, err: process.stderr } : undefined);
    this.pool = new WorkerPool(options.workers, { ...options, onOver: (thread) => this.#threadOver(thread) });
    this.tasks = new TaskPool({ ...options, threads: options.workers, driverThreadId: options.threadId });
    this.#leases = new Leases({
      resources: new ResourceQueue(options.resources),
      pool: this.tasks,
      clock: options.clock,
      nextCell: () => ++this.#cells,
      warn: (message) => process.emitWarning(message, 'HeddleWarning'),
    });
    this.#self = {
      isOpen: true,
      granted: (key, cell, threadId) => this.#core.tasks.granted(key, cell, threadId),
      revoke: (cell) => this.#core.tasks.revoke(cell),
    };
    this.#censuses = new Censuses({
      holding: (actor) => this.#core.holding(actor),
      openLinks: () => this.#openLinks(),
      nobodyHolds: (record) => this.#retire(record),
    });
  }

  // ── ControlPoint: what the driver's own thread asks ────────────────────────────────────────────────────

  spawn(spawn: Spawn, route: ActorRoute): void {
    this.#spawn(spawn, route.identity);
  }

  locate({ actor }: { readonly actor: ActorKey }): void {
    const verdict = this.#verdictOn(actor);
    if (verdict !== undefined) this.#core.judged(actor, verdict);
  }

  /** One thread has let go of the actor: perhaps nobody holds it any more. */
  idle(actor: ActorKey): void {
    const record = this.directory.get(actor);
    if (record === undefined || this.#isClosing || record.options.lifetime === 'detached') return;
    this.#censuses.start(record);
  }

  collectElsewhere(): void {
    for (const link of this.#openLinks()) link.entry().push(Kind.Collect);
  }

  wantLeases(shape: Resources, count: number): void {
    this.#leases.want(this.#self, shape, count);
  }

  returnLease(cell: CellKey): void {
    this.#leases.back(cell);
  }

  endThread(cell: CellKey): void {
    const link = this.#leases.linkOf(cell);
    if (link !== undefined) void this.tasks.terminate(link.peer);
  }

  #openLinks(): Link[] {
    return [...this.pool.threads, ...this.tasks.threads].map((thread) => thread.link).filter((link) => link.isOpen);
  }

  #ownerAt(link: Link): LeaseOwner {
    let owner = this.#owners.get(link);
    if (owner === undefined) {
      owner = new RemoteOwner(link);
      this.#owners.set(link, owner);
    }
    return owner;
  }

  async getActor(name: string, namespace: string | undefined): Promise<AnyHandle> {
    const { identity, declaration } = this.#find(name, namespace);
    return this.#core.handleOf(identity, declaration, false);
  }

  async listNamedActors(allNamespaces: boolean, namespace = this.#namespace): Promise<NamedActor[]> {
    return this.directory
      .named()
      .filter((record) => allNamespaces || record.namespace === namespace)
      .map((record) => ({ name: record.options.name!, namespace: record.namespace }));
  }

  async kill(actor: ActorKey, noRestart: boolean): Promise<void> {
    const record = this.directory.get(actor);
    if (record === undefined) return; // Killing twice is fine.
    const cause = new ActorDeathCause(`actor "${record.actorId}" was killed`);
    this.#removeCell(record);
    if (noRestart) this.#die(record, cause);
    else this.#incarnationOver(record, cause);
  }

  // ── Watching ───────────────────────────────────────────────────────────────────────────────────────────

  watchActors(listener: ActorListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Ends all threads; every pending call fails with `cause`. */
  async close(cause: Error): Promise<void> {
    this.#isClosing = true;
    for (const timer of this.#backOffs.values()) timer.cancel();
    this.#backOffs.clear();
    this.pool[Symbol.dispose]();
    this.#leases.close();
    await Promise.all([this.tasks.close(), ...this.pool.threads.map((thread) => thread.terminate(cause))]);
    for (const record of [...this.directory.living]) {
      this.#become(record, 'DEAD', cause);
      this.directory.bury(record);
    }
    this.#core.abandon(cause);
    this.#core.links.close();
  }

  // ── SpecialEntries: what workers tell ──────────────────────────────────────────────────────────────────

  receive(link: Link, batch: Batch, at: number): number {
    const kind = batch[at] as Kind;
    switch (kind) {
      case Kind.Alive:
        this.#alive(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.Failed:
        this.#over(batch[at + 1] as CellKey, decodeThrown(batch[at + 2] as EncodedThrown));
        return at + 3;
      case Kind.Exited:
        this.#exited(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.Locate:
        this.#subscribe(batch[at + 1] as ActorKey, link);
        return at + 2;
      case Kind.Missing:
        link.entry().push(Kind.Gone, batch[at + 1]); // Its creation, if there was one, went before this on the same link.
        return at + 2;
      case Kind.Spawn:
        return this.#receiveSpawn(link, batch, at);
      case Kind.Ask:
        this.#asked(link, batch[at + 1] as number, batch[at + 2] as Question);
        return at + 3;
      case Kind.Print:
        this.#print(link, batch[at + 1] as ActorKey | string, batch[at + 2] as boolean, batch[at + 3] as string);
        return at + 4;
      case Kind.Idle:
        this.idle(batch[at + 1] as ActorKey);
        return at + 2;
      case Kind.LeaseWanted:
        this.#leases.want(this.#ownerAt(link), batch[at + 1] as Resources, batch[at + 2] as number);
        return at + 3;
      case Kind.LeaseBack:
        this.returnLease(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.LeaseUp:
        if (batch[at + 2] !== undefined) this.tasks.joined(link, batch[at + 2] as ThreadNews);
        this.#leases.up(batch[at + 1] as CellKey, link);
        return at + 3;
      case Kind.LeaseAway:
        this.#leases.away(batch[at + 1] as CellKey, batch[at + 2] as boolean);
        return at + 3;
      case Kind.EndThread:
        this.endThread(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.Collect:
        this.#core.objects.collect();
        this.collectElsewhere();
        return at + 1;
      case Kind.Holding:
        this.#censuses.answered(batch[at + 1] as number, batch[at + 2] as Holding);
        return at + 3;
      default:
        throw new Error(`Cannot act on entry kind ${String(kind)} in the driver: a bug in Heddle`);
    }
  }

  #print(link: Link, actor: ActorKey | string, isError: boolean, text: string): void {
    if (typeof actor === 'string') {
      this.console.print(-1, `${actor} thread=${link.peer}`, isError, text);
      return;
    }
    const record = this.directory.get(actor) ?? this.directory.dead(actor);
    const who = record === undefined ? 'worker' : `${record.declaration.name} ${record.options.name ?? record.actorId}`;
    this.console.print(actor, `${who} thread=${link.peer}`, isError, text);
  }

  linkClosed(link: Link): void {
    if (!this.#isClosing) this.#censuses.linkClosed(link);
    for (const record of this.directory.living) record.subscribers.delete(link);
    this.pool.withLink(link)?.linkClosed();
    this.tasks.linkClosed(link);
    const owner = this.#owners.get(link);
    this.#owners.delete(link);
    if (owner !== undefined) this.#leases.ownerGone(owner);
  }

  // ── Making actors ──────────────────────────────────────────────────────────────────────────────────────

  #receiveSpawn(link: Link, batch: Batch, at: number): number {
    const [, actor, classNumber, options, owner, header] = batch.slice(at, at + 6) as [
      Kind,
      ActorKey,
      number,
      ResolvedActorOptions,
      ActorKey,
      number,
    ];
    const { decoder } = link;
    decoder.batch = batch;
    decoder.at = at + 6;
    const args = decoder.decodeAll(countOf(header), formOf(header));
    const end = decoder.at;
    const identity = batch[end] as ActorIdentity;
    this.#spawn(
      { actor, declaration: link.peerClasses[classNumber]!, options, args, owner: owner === -1 ? undefined : owner },
      identity,
    );
    this.#subscribe(actor, link);
    return end + 1;
  }

  #spawn(spawn: Spawn, identity: ActorIdentity): void {
    const record: ActorRecord = {
      actor: spawn.actor,
      actorId: identity.actorId,
      identity,
      declaration: spawn.declaration,
      options: spawn.options,
      namespace: spawn.options.namespace ?? this.#namespace,
      owner: spawn.options.lifetime === 'detached' ? undefined : spawn.owner,
      startTime: this.#clock.now(),
      state: 'DEPENDENCIES_UNREADY',
      endTime: undefined,
      deathCause: undefined,
      cell: -1,
      seat: undefined,
      history: NO_RESTARTS,
      args: undefined,
      subscribers: new Set(),
      aliases: [],
    };
    if (this.#isClosing) this.#refuse(record, new ActorDeathCause('the runtime is closing'));
    else if (record.owner !== undefined && this.directory.get(record.owner) === undefined)
      this.#refuse(record, new ActorDeathCause('the actor that made it is dead'));
    else if (this.#joins(record)) return;
    else if (!this.directory.add(record))
      this.#refuse(record, new ActorAlreadyExistsError(spawn.options.name!, record.namespace));
    else this.#prepare(record, spawn.args);
  }

  /** With `getIfExists`: the new handle is one more of the actor that has the name. */
  #joins(record: ActorRecord): boolean {
    const { name, getIfExists } = record.options;
    const holder = getIfExists ? this.directory.byName(name!, record.namespace) : undefined;
    if (holder === undefined) return false;
    this.directory.alias(record.actor, holder);
    this.locate(record);
    return true;
  }

  /** An actor that never was: its calls fail with `cause`, once its maker has had time to see the handle. */
  #refuse(record: ActorRecord, cause: Error): void {
    record.state = 'DEAD';
    record.deathCause = cause;
    record.endTime = this.#clock.now();
    this.directory.bury(record);
    this.#tell(record, { kind: 'dead', cause });
  }

  /** Snapshots the constructor's arguments, waits for those that are refs, and goes on to create. */
  #prepare(record: ActorRecord, args: readonly unknown[]): void {
    try {
      record.args = this.#core.encodeArgs(args, { description: `the constructor of ${record.declaration.name}` });
    } catch (error) {
      this.#die(record, error);
      return;
    }
    if (!record.args.hasRefs) {
      this.#create(record);
      return;
    }
    this.#announce(record);
    record.args.resolved().then(
      (resolved) => {
        if (record.state !== 'DEPENDENCIES_UNREADY') return;
        record.args = resolved;
        this.#create(record);
      },
      (error) => this.#die(record, error),
    );
  }

  #place(record: ActorRecord): WorkerThread | undefined {
    try {
      return this.pool.place(record.options);
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
    const thread = this.#place(record);
    if (thread === undefined) return;
    const { link } = thread;
    const cell = ++this.#cells;
    const context = {
      actor: record.actor,
      actorId: record.actorId,
      actorName: record.options.name,
      namespace: record.namespace,
      workerId: thread.workerId,
      restartCount: record.history.restarts,
    };
    const out = link.entry();
    out.push(Kind.Create, cell, this.#core.definitions.numberOf(record.declaration), context, {
      limit: record.options.maxConcurrency,
      groups: record.options.concurrencyGroups,
    } satisfies Concurrency);
    args.writeTo(link, out);
    record.seat = thread;
    this.directory.setCell(record, cell);
    this.#become(record, 'PENDING_CREATION');
    this.#tell(record, { kind: 'located', cell, threadId: thread.threadId });
  }

  // ── Deaths ─────────────────────────────────────────────────────────────────────────────────────────────

  #alive(cell: CellKey): void {
    const record = this.directory.byCell(cell);
    if (record === undefined || record.state !== 'PENDING_CREATION') return;
    record.history = { ...record.history, aliveSinceMs: this.#clock.monotonicMs() };
    this.#become(record, 'ALIVE');
  }

  #exited(cell: CellKey): void {
    const record = this.directory.byCell(cell);
    const isRetired = record !== undefined && this.#retired.delete(record);
    const why = isRetired ? 'its last handle is gone' : 'the actor called exitActor()';
    this.#over(cell, new ActorDeathCause(why, { isIntended: true }));
  }

  /** The cell ended of itself, in a thread that lives on: for good. */
  #over(cell: CellKey, cause: unknown): void {
    const record = this.directory.byCell(cell);
    if (record === undefined) return;
    this.#leaveSeat(record);
    this.#die(record, cause);
  }

  #threadOver(thread: WorkerThread): void {
    this.pool.remove(thread);
    for (const record of [...this.directory.living]) {
      if (record.seat !== thread || record.state === 'DEAD') continue;
      record.seat = undefined;
      if (!this.#isClosing) this.#incarnationOver(record, thread.cause);
    }
  }

  #incarnationOver(record: ActorRecord, cause: unknown): void {
    if (record.state === 'DEPENDENCIES_UNREADY' || record.state === 'RESTARTING') return;
    const limits = limitsOf(record.options);
    const judged = judgeRestart(limits, record.history, this.#clock.monotonicMs(), spreadOf(record));
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
        for (const child of this.directory.ownedBy(record.actor)) this.#dieWithOwner(child, record, cause);
        record.history = judged.history;
        this.#become(record, 'RESTARTING');
        this.#tell(record, { kind: 'restarting', cause });
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
    this.#backOffs.get(record)?.cancel();
    this.#backOffs.delete(record);
    const owned = this.directory.ownedBy(record.actor);
    this.#become(record, 'DEAD', cause);
    this.directory.bury(record);
    record.args = undefined;
    this.#tell(record, { kind: 'dead', cause });
    for (const child of owned) this.#dieWithOwner(child, record, cause);
  }

  #dieWithOwner(child: ActorRecord, owner: ActorRecord, cause: unknown): void {
    this.#removeCell(child);
    this.#die(child, new OwnerDiedError(`actor "${owner.actorId}"`, cause));
  }

  #removeCell(record: ActorRecord): void {
    if (record.seat === undefined) return;
    record.seat.kills.kill(record.cell);
    record.seat.link.entry().push(Kind.Remove, record.cell);
    this.#leaveSeat(record);
  }

  #leaveSeat(record: ActorRecord): void {
    if (record.seat !== undefined) this.pool.left(record.seat as WorkerThread);
    record.seat = undefined;
  }

  /** Nobody can call the actor any more: it finishes what waits, and ends. */
  #retire(record: ActorRecord): void {
    if (record.state === 'DEAD') return;
    if (record.seat === undefined) this.#die(record, new ActorDeathCause('its last handle is gone'));
    else {
      this.#retired.add(record);
      record.seat.link.entry().push(Kind.Retire, record.cell);
    }
  }

  #become(record: ActorRecord, state: ActorState, cause?: unknown): void {
    if (!canBecome(record.state, state)) return;
    record.state = state;
    if (state === 'DEAD') {
      record.deathCause = cause;
      record.endTime = this.#clock.now();
    }
    this.#announce(record);
  }

  #announce(record: ActorRecord): void {
    if (this.#listeners.size === 0) return;
    const row = toActorRow(record);
    for (const listener of this.#listeners) {
      try {
        listener(row);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // It is the listener's, and must not stop the driver half-way.
        });
      }
    }
  }

  // ── Telling ────────────────────────────────────────────────────────────────────────────────────────────

  #tell(record: ActorRecord, verdict: Verdict): void {
    for (const actor of [record.actor, ...record.aliases]) {
      this.#core.judged(actor, verdict);
      for (const link of record.subscribers) this.#write(link, actor, verdict);
    }
  }

  #write(link: Link, actor: ActorKey, verdict: Verdict): void {
    if (!link.isOpen) return;
    if (verdict.kind === 'located') link.entry().push(Kind.Located, actor, verdict.cell, verdict.threadId);
    else link.entry().push(verdict.kind === 'dead' ? Kind.Dead : Kind.Restarting, actor, encodeThrown(verdict.cause));
  }

  #subscribe(actor: ActorKey, link: Link): void {
    this.directory.get(actor)?.subscribers.add(link);
    const verdict = this.#verdictOn(actor);
    if (verdict !== undefined) this.#write(link, actor, verdict);
  }

  /** What a newcomer must know now; undefined: wait, it will be told. */
  #verdictOn(actor: ActorKey): Verdict | undefined {
    const record = this.directory.get(actor);
    if (record === undefined) {
      const cause = this.directory.dead(actor)?.deathCause ?? new ActorDeathCause('it ended long ago');
      return { kind: 'dead', cause };
    }
    return record.seat === undefined
      ? undefined
      : { kind: 'located', cell: record.cell, threadId: record.seat.threadId };
  }

  #find(name: string, namespace: string | undefined): FoundActor {
    const record = this.directory.byName(name, namespace ?? this.#namespace);
    if (record === undefined) throw new ActorNotFoundError(name, namespace ?? this.#namespace);
    return { identity: record.identity, declaration: record.declaration };
  }

  #asked(link: Link, ask: number, question: Question): void {
    this.#answer(question)
      .then(
        (value): Answer => ({ value }),
        (error): Answer => ({ thrown: encodeThrown(error) }),
      )
      .then((answer) => {
        if (link.isOpen) link.entry().push(Kind.Answer, ask, answer);
      });
  }

  async #answer(question: Question): Promise<unknown> {
    switch (question.ask) {
      case 'get actor':
        return this.#find(question.name, question.namespace);
      case 'list named actors':
        return this.listNamedActors(question.allNamespaces, question.namespace);
      case 'kill':
        return this.kill(question.actor, question.noRestart);
    }
  }
}

/** A worker thread that submits tasks. */
class RemoteOwner implements LeaseOwner {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  granted(key: string, cell: CellKey, threadId: number): void {
    this.#link.entry().push(Kind.Leased, key, cell, threadId);
  }

  revoke(cell: CellKey): void {
    if (this.#link.isOpen) this.#link.entry().push(Kind.LeaseRevoked, cell);
  }
}

function limitsOf(options: ResolvedActorOptions): RestartLimits {
  const limits = options.placement === 'system' ? SYSTEM_RESTART_LIMITS : DEFAULT_RESTART_LIMITS;
  const { restartIntensity, maxRestarts } = options;
  if (restartIntensity === undefined) return { ...limits, maxRestarts };
  return { ...limits, maxRestarts, intensity: restartIntensity.maxRestarts, withinMs: restartIntensity.withinMs };
}

/** A number in [0, 1) that differs from actor to actor and from restart to restart, and needs no chance. */
function spreadOf(record: ActorRecord): number {
  return ((record.actor * 2_654_435_761 + record.history.restarts * 40_503) % 1_000) / 1_000;
}
