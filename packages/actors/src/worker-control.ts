/**
 * A worker's side of the driver: what its core asks goes out over its link to the driver, and what the driver
 * tells is acted on here.
 */
import { decodeThrown } from '@heddle/base';
import { ActorContext } from './actor-context.ts';
import type { AnyHandle } from './actor-handle.ts';
import type { ActorHost, CreationTerms } from './actor-host.ts';
import type { ActorRoute } from './actor-route.ts';
import type { Answer, FoundActor, Question } from './ask.ts';
import type { ControlPoint, Spawn } from './control-point.ts';
import type { CoreWorker } from './core-worker.ts';
import type { NamedActor } from './current-core.ts';
import type { EncodedArgs } from './encoded-args.ts';
import type { SpecialEntries } from './entry-reader.ts';
import { type Concurrency, NO_LIMITS, runsOne } from './lanes.ts';
import type { Link } from './link.ts';
import { type ActorKey, type Batch, type CellKey, countOf, formOf, Kind } from './protocol.ts';
import type { Resources } from './resource-ledger.ts';
import { presentActor } from './runtime-context.ts';
import { readVerdict } from './verdict.ts';

interface WorkerControlOptions {
  readonly core: CoreWorker;
  readonly driver: Link;
  readonly host: ActorHost;
  readonly namespace: string;
  /** This thread's. */
  readonly workerId: string;
}

type CreateFields = [
  kind: Kind,
  cell: CellKey,
  actor: ActorKey,
  classNumber: number,
  givenId: string | undefined,
  actorName: string | undefined,
  namespace: string,
  restartCount: number,
  limit: number,
  groups: Concurrency['groups'] | undefined,
  loadMsMax: number,
];

export class WorkerControl implements ControlPoint, SpecialEntries {
  readonly #core: CoreWorker;
  readonly #driver: Link;
  readonly #host: ActorHost;
  readonly #namespace: string;
  readonly #workerId: string;
  /** What the latest actor was made by. */
  #latest: CreationTerms | undefined;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #asks = 0;

  constructor(options: WorkerControlOptions) {
    this.#core = options.core;
    this.#driver = options.driver;
    this.#host = options.host;
    this.#namespace = options.namespace;
    this.#workerId = options.workerId;
  }

  spawn(spawn: Spawn, route: ActorRoute): void {
    const options = { ...spawn.options, namespace: spawn.options.namespace ?? this.#presentNamespace() };
    const refuse = (cause: unknown): void => this.#core.judged(spawn.actor, { kind: 'dead', cause });
    try {
      const task = { description: `the constructor of ${spawn.declaration.name}` };
      const args = this.#core.encodeArgs(spawn.args, task, this.#driver.isWire);
      if (args.hasRefs) args.resolved().then((resolved) => this.#write({ ...spawn, options }, resolved, route), refuse);
      else this.#write({ ...spawn, options }, args, route);
    } catch (cause) {
      refuse(cause);
    }
  }

  #write(spawn: Spawn, args: EncodedArgs, route: ActorRoute): void {
    const out = this.#driver.entry();
    const classNumber = this.#core.definitions.numberOf(spawn.declaration);
    out.push(Kind.Spawn, spawn.actor, classNumber, spawn.options, spawn.owner ?? -1);
    args.writeTo(this.#driver, out);
    args.letGo();
    out.push(route.identity);
  }

  locate(route: ActorRoute): void {
    this.#driver.entry().push(Kind.Locate, route.actor);
  }

  /** Asks for a link to a thread: this process cannot dial it. */
  introduce(peer: number): void {
    this.#driver.entry().push(Kind.Introduce, peer);
  }

  idle(actor: ActorKey): void {
    this.#driver.entry().push(Kind.Idle, actor);
  }

  wantLeases(shape: Resources, count: number): void {
    this.#driver.entry().push(Kind.LeaseWanted, shape, count);
  }

  returnLease(cell: CellKey): void {
    this.#driver.entry().push(Kind.LeaseBack, cell);
  }

  endThread(cell: CellKey): void {
    this.#driver.entry().push(Kind.EndThread, cell);
  }

  collectElsewhere(): void {
    this.#driver.entry().push(Kind.Collect);
  }

  async getActor(name: string, namespace: string | undefined): Promise<AnyHandle> {
    const found = (await this.#ask({
      ask: 'get actor',
      name,
      namespace: namespace ?? this.#presentNamespace(),
    })) as FoundActor;
    return this.#core.handleOf(found.identity, found.declaration, false);
  }

  listNamedActors(allNamespaces: boolean): Promise<NamedActor[]> {
    return this.#ask({ ask: 'list named actors', allNamespaces, namespace: this.#presentNamespace() }) as Promise<
      NamedActor[]
    >;
  }

  async kill(actor: ActorKey, noRestart: boolean): Promise<void> {
    await this.#ask({ ask: 'kill', actor, noRestart });
  }

  receive(link: Link, batch: Batch, at: number): number {
    switch (batch[at] as Kind) {
      case Kind.Create:
        return this.#receiveCreate(link, batch, at);
      case Kind.CreateLike:
        return this.#create(link, batch, at, at + 3);
      case Kind.Located:
        this.#core.judged(batch[at + 1] as ActorKey, readVerdict(batch, at));
        return at + 4;
      case Kind.Restarting:
      case Kind.Dead:
        this.#core.judged(batch[at + 1] as ActorKey, readVerdict(batch, at));
        return at + 3;
      case Kind.Answer:
        this.#answered(batch[at + 1] as number, batch[at + 2] as Answer);
        return at + 3;
      default:
        return this.#ofCell(link, batch, at);
    }
  }

  /** What one actor's incarnation, or one lease, is told: all of them name its cell. */
  #ofCell(link: Link, batch: Batch, at: number): number {
    const cell = batch[at + 1] as CellKey;
    switch (batch[at] as Kind) {
      case Kind.Remove:
        this.#host.remove(cell);
        return at + 2;
      case Kind.Retire:
        this.#host.retire(cell);
        return at + 2;
      case Kind.Gone:
        this.#host.gone(cell);
        return at + 2;
      case Kind.LeaseEnd:
        this.#host.endLease(cell);
        return at + 2;
      case Kind.LeaseRevoked:
        this.#core.tasks.revoke(cell);
        return at + 2;
      default:
        return this.#ofThread(link, batch, at);
    }
  }

  /** What the thread as a whole is told or asked. */
  #ofThread(link: Link, batch: Batch, at: number): number {
    const { tasks, objects, links } = this.#core;
    switch (batch[at] as Kind) {
      case Kind.Leased:
        tasks.granted(batch[at + 1] as string, batch[at + 2] as CellKey, batch[at + 3] as number);
        return at + 4;
      case Kind.Census:
        link.entry().push(Kind.Holding, batch[at + 1], this.#core.holding(batch[at + 2] as ActorKey));
        return at + 3;
      case Kind.Report:
        link.entry().push(Kind.Reported, batch[at + 1], this.#core.report());
        return at + 2;
      case Kind.Collect:
        objects.collect();
        return at + 1;
      case Kind.Dial:
        links.to(batch[at + 1] as number); // A link that is there already has reached the process, or will.
        return at + 2;
      case Kind.NoPeer:
        links.noPeer(batch[at + 1] as number);
        return at + 2;
      default:
        throw new Error(`Cannot act on entry kind ${String(batch[at])} in a worker: a bug in Heddle`);
    }
  }

  linkClosed(_link: Link): void {}

  /** A name given without a namespace belongs to the namespace of the actor that gives it. */
  #presentNamespace(): string {
    return presentActor()?.namespace ?? this.#namespace;
  }

  #receiveCreate(link: Link, batch: Batch, at: number): number {
    const [, , , classNumber, givenId, actorName, namespace, restartCount, limit, groups, loadMsMax] = batch.slice(
      at,
      at + 11,
    ) as CreateFields;
    const { runtimeId } = this.#core;
    const declaration = link.peerClasses[classNumber]!;
    const concurrency = this.#concurrencyOf(limit, groups);
    const latest = this.#latest?.context.namespace;
    this.#latest = {
      declaration,
      concurrency,
      runsOne: runsOne(concurrency, declaration.isAsync),
      context: {
        runtimeId,
        givenId,
        actorName,
        namespace: latest === namespace ? latest : namespace, // Of two equal strings that came, one is kept.
        workerId: this.#workerId,
        restartCount,
      },
      loadMsMax,
    };
    return this.#create(link, batch, at, at + 11);
  }

  /** One object for all actors in a row that differ in their names only. */
  #concurrencyOf(limit: number, groups: Concurrency['groups'] | undefined): Concurrency {
    const latest = this.#latest?.concurrency;
    if (groups === undefined && latest?.groups === NO_LIMITS && latest.limit === limit) return latest;
    return { limit, groups: groups ?? NO_LIMITS };
  }

  /** Makes an actor like the latest, with the arguments that stand at `headerAt`. */
  #create(link: Link, batch: Batch, at: number, headerAt: number): number {
    const { decoder } = link;
    const header = batch[headerAt] as number;
    decoder.batch = batch;
    decoder.at = headerAt + 1;
    const args = decoder.decodeAll(countOf(header), formOf(header));
    const end = decoder.at;
    const terms = this.#latest!;
    const context = new ActorContext(batch[at + 2] as ActorKey, terms.context);
    this.#host.create(batch[at + 1] as CellKey, terms, context, args);
    return end;
  }

  #ask(question: Question): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    const ask = this.#asks++;
    this.#asked.set(ask, answer);
    this.#driver.entry().push(Kind.Ask, ask, question);
    return answer.promise;
  }

  #answered(ask: number, answer: Answer): void {
    const asked = this.#asked.get(ask);
    this.#asked.delete(ask);
    if ('thrown' in answer) asked?.reject(decodeThrown(answer.thrown));
    else asked?.resolve(answer.value);
  }
}
