/**
 * The driver's own work: it keeps the actors' records, places actors on threads, judges deaths, and tells the
 * threads that asked. Nothing of a call passes through here.
 */
import { type Clock, decodeThrown, type EncodedThrown, encodeThrown, type IdSource, quote } from '@heddle/base';
import { ActorConsole } from './actor-console.ts';
import { ActorDirectory } from './actor-directory.ts';
import type { AnyHandle } from './actor-handle.ts';
import { ActorLives } from './actor-lives.ts';
import type { ActorMemory } from './actor-memory.ts';
import { type ActorListener, ActorNews } from './actor-news.ts';
import type { ActorIdentity, ActorRoute } from './actor-route.ts';
import type { Answer, FoundActor, Question } from './ask.ts';
import { Censuses } from './censuses.ts';
import type { ControlPoint, Spawn } from './control-point.ts';
import type { CoreWorker } from './core-worker.ts';
import type { NamedActor } from './current-core.ts';
import type { SpecialEntries } from './entry-reader.ts';
import { ActorNotFoundError } from './errors.ts';
import type { Holding } from './handle-count.ts';
import type { Link } from './link.ts';
import type { ObjectStore } from './object-store.ts';
import type { ResolvedActorOptions } from './options.ts';
import { isProcess } from './peer-number.ts';
import type { PoolWorker } from './pool-worker.ts';
import { type ActorKey, type Batch, type CellKey, countOf, formOf, Kind } from './protocol.ts';
import { Reports } from './reports.ts';
import type { Resources } from './resource-ledger.ts';
import { ResourceQueue } from './resource-queue.ts';
import type { SocketFolder } from './socket-folder.ts';
import { TaskControl } from './task-control.ts';
import type { TaskReport } from './task-log.ts';
import type { Tracing } from './task-trace.ts';
import { WorkerPool } from './worker-pool.ts';

export interface DriverOptions {
  readonly core: CoreWorker;
  readonly runtimeId: string;
  readonly namespace: string;
  readonly threadId: number;
  readonly workers: number;
  readonly isolated: number;
  readonly idleTaskThreadMs: number;
  readonly folder: SocketFolder;
  /** What there is to hand out. */
  readonly resources: Resources;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logToDriver: boolean;
  readonly memory: ActorMemory | undefined;
}

export class Driver implements ControlPoint, SpecialEntries {
  readonly pool: WorkerPool;
  readonly directory = new ActorDirectory();
  readonly console: ActorConsole;
  /** What there is to hand out, and who waits for it. */
  readonly resources: ResourceQueue;
  readonly #core: CoreWorker;
  readonly #namespace: string;
  /** The scheduler of tasks, and the threads that run them. */
  readonly tasks: TaskControl;
  readonly #memory: ActorMemory | undefined;
  readonly #news: ActorNews;
  readonly #lives: ActorLives;
  readonly #censuses: Censuses;
  readonly #reports = new Reports();
  #isClosing = false;

  constructor(options: DriverOptions) {
    this.#core = options.core;
    this.#namespace = options.namespace;
    this.#memory = options.memory;
    this.console = new ActorConsole(options.logToDriver ? process : undefined);
    this.pool = new WorkerPool(options.workers, {
      ...options,
      onOver: (thread) => this.#threadOver(thread),
      onReachable: (worker) => this.#news.reachable(worker),
      onOutput: (worker, isError, text) => this.#print(worker.link, this.pool.lodgerOf(worker) ?? -1, isError, text),
    });
    this.resources = new ResourceQueue(options.resources);
    let cells = 0;
    const parts = {
      ...options,
      pool: this.pool,
      directory: this.directory,
      resources: this.resources,
      nextCell: () => ++cells,
    };
    this.tasks = new TaskControl(parts);
    this.#news = new ActorNews(this.directory, (actor, verdict) => this.#core.judged(actor, verdict));
    this.#lives = new ActorLives({ ...parts, news: this.#news });
    this.#censuses = new Censuses({
      isMadeHere: (actor) => this.#core.isMadeHere(actor),
      holding: (actor) => this.#core.holding(actor),
      openLinks: () => this.#openLinks(),
      nobodyHolds: (record) => this.#lives.retire(record),
    });
  }

  // ── ControlPoint: what the driver's own thread asks ────────────────────────────────────────────────────

  spawn(spawn: Spawn, route: ActorRoute): void {
    this.#lives.spawn(spawn, route.terms);
  }

  locate({ actor }: { readonly actor: ActorKey }): void {
    this.#news.tellNow(actor);
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
    this.tasks.wantLeases(shape, count);
  }

  returnLease(cell: CellKey): void {
    this.tasks.returnLease(cell);
  }

  endThread(cell: CellKey): void {
    this.tasks.endThread(cell);
  }

  /** What all threads remember of tasks and objects. */
  gatherReports(): Promise<TaskReport[]> {
    return this.#reports.gather(this.#openLinks(), this.#core.report());
  }

  #openLinks(): Link[] {
    return [...this.pool.threads, ...this.tasks.pool.threads]
      .map((thread) => thread.link)
      .filter((link) => link.isOpen);
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
    this.#lives.kill(record, noRestart);
    await this.#memory?.settled(record); // No later runtime may make it anew.
  }

  /** Makes the actors anew that earlier runtimes have left in this one's directory. */
  async revive(): Promise<void> {
    if (this.#memory !== undefined) this.#lives.revive(await this.#memory.load());
  }

  // ── Watching ───────────────────────────────────────────────────────────────────────────────────────────

  watchActors(listener: ActorListener): Disposable {
    if (typeof listener !== 'function')
      throw new TypeError(`Cannot watch actors with ${quote(listener)}: expected a function`);
    return this.#news.watch(listener);
  }

  /** Ends all threads; every pending call fails with `cause`. */
  async close(cause: Error): Promise<void> {
    this.#isClosing = true;
    this.#lives.beginClosing();
    this.pool[Symbol.dispose]();
    await Promise.all([this.tasks.close(), ...this.pool.threads.map((thread) => thread.terminate(cause))]);
    this.#lives.endAll(cause);
    this.#core.abandon(cause);
    this.#core.links.close();
    await this.#memory?.[Symbol.asyncDispose]();
  }

  #threadOver(thread: PoolWorker): void {
    this.pool.remove(thread);
    this.#lives.threadOver(thread);
  }

  // ── SpecialEntries: what workers tell ──────────────────────────────────────────────────────────────────

  receive(link: Link, batch: Batch, at: number): number {
    switch (batch[at] as Kind) {
      case Kind.Alive:
        this.#lives.alive(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.Failed:
        this.#lives.failed(batch[at + 1] as CellKey, decodeThrown(batch[at + 2] as EncodedThrown));
        return at + 3;
      case Kind.Exited:
        this.#lives.exited(batch[at + 1] as CellKey);
        return at + 2;
      case Kind.Locate:
        this.#news.subscribe(batch[at + 1] as ActorKey, link);
        return at + 2;
      case Kind.Missing:
        link.entry().push(Kind.Gone, batch[at + 1]); // Its creation, if there was one, went before this on the same link.
        return at + 2;
      case Kind.Spawn:
        return this.#receiveSpawn(link, batch, at);
      case Kind.Ask:
        this.#asked(link, batch[at + 1] as number, batch[at + 2] as Question);
        return at + 3;
      case Kind.Idle:
        this.idle(batch[at + 1] as ActorKey);
        return at + 2;
      default:
        return this.#ofThread(link, batch, at);
    }
  }

  /** What concerns the thread as a whole, and no actor. */
  #ofThread(link: Link, batch: Batch, at: number): number {
    switch (batch[at] as Kind) {
      case Kind.Print:
        this.#print(link, batch[at + 1] as ActorKey | string, batch[at + 2] as boolean, batch[at + 3] as string);
        return at + 4;
      case Kind.Introduce:
        this.#introduce(link, batch[at + 1] as number);
        return at + 2;
      case Kind.LeaseWanted:
      case Kind.LeaseBack:
      case Kind.LeaseUp:
      case Kind.LeaseAway:
      case Kind.EndThread:
        return this.tasks.receive(link, batch, at);
      case Kind.Collect:
        this.#core.objects.collect();
        this.collectElsewhere();
        return at + 1;
      case Kind.Reported:
        this.#reports.answered(link, batch[at + 1] as number, batch[at + 2] as TaskReport);
        return at + 3;
      case Kind.Holding:
        this.#censuses.answered(batch[at + 1] as number, batch[at + 2] as Holding);
        return at + 3;
      default:
        throw new Error(`Cannot act on entry kind ${String(batch[at])} in the driver: a bug in Heddle`);
    }
  }

  #print(link: Link, actor: ActorKey | string, isError: boolean, text: string): void {
    if (typeof actor === 'string') {
      this.console.print(-1, `${actor} thread=${link.peer}`, isError, text);
      return;
    }
    const record = this.directory.get(actor) ?? this.directory.dead(actor);
    const who = record === undefined ? 'worker' : `${record.declaration.name} ${record.options.name ?? record.actorId}`;
    const pid = isProcess(link.peer) ? this.pool.withLink(link)?.pid : undefined;
    this.console.print(actor, `${who} ${pid === undefined ? `thread=${link.peer}` : `pid=${pid}`}`, isError, text);
  }

  linkClosed(link: Link): void {
    if (!this.#isClosing) this.#censuses.linkClosed(link);
    this.#news.unsubscribe(link);
    this.#tellProcesses(link.peer);
    this.pool.withLink(link)?.linkClosed();
    if (this.tasks.linkClosed(link) !== undefined && !this.#isClosing) this.#lives.taskThreadOver(link.peer);
    this.#reports.linkClosed(link);
  }

  /** A process cannot dial a thread: the thread is asked to dial it. */
  #introduce(asker: Link, peer: number): void {
    const other = this.#openLinks().find((link) => link.peer === peer);
    if (other !== undefined) other.entry().push(Kind.Dial, asker.peer);
    else asker.entry().push(Kind.NoPeer, peer);
  }

  /** A thread is gone that a process may be waiting for to be dialled by. */
  #tellProcesses(gone: number): void {
    for (const link of this.#openLinks()) if (isProcess(link.peer)) link.entry().push(Kind.NoPeer, gone);
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
    this.#lives.spawn(
      { actor, declaration: link.peerClasses[classNumber]!, options, args, owner: owner === -1 ? undefined : owner },
      identity,
    );
    this.#news.subscribe(actor, link);
    return end + 1;
  }

  // ── Answering ──────────────────────────────────────────────────────────────────────────────────────────

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
