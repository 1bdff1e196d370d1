/**
 * The actors of one worker thread.
 *
 * Two links have no order between them, so a call may come before the creation of its actor. Calls for a cell
 * that is not here are parked, and the driver is asked: its creation, if there is one, comes before the
 * driver's answer on the same link, so at the answer the cell is here or never will be.
 */
import { type Clock, encodeThrown } from '@heddle/base';
import { ActorCell, type CellTerms, type Replies } from './actor-cell.ts';
import type { ActorContext, ContextTerms } from './actor-context.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Described, Encoder } from './encoder.ts';
import type { Envelope } from './envelope.ts';
import { ActorCreationTimeoutError, SerializationError, TaskCancelledError } from './errors.ts';
import type { Heartbeat } from './heartbeat.ts';
import { KeyTable } from './key-table.ts';
import type { KillWords } from './kill-words.ts';
import { LeaseCell, type TaskReplies } from './lease-cell.ts';
import type { Link } from './link.ts';
import { type Constructor, loadClass } from './load-class.ts';
import { isPrimitive } from './primitive.ts';
import { Producer } from './producer.ts';
import { type CellKey, Form, headOf, Kind } from './protocol.ts';
import { inAsyncContext } from './runtime-context.ts';
import type { TaskLog } from './task-log.ts';
import type { Telemetry } from './telemetry.ts';

/** What actors have in common that are made alike. */
export interface CreationTerms extends CellTerms {
  readonly context: ContextTerms;
  /** How long the module may take to load, in milliseconds; -1: any time. */
  readonly loadMsMax: number;
}

export class ActorHost implements Replies, TaskReplies {
  readonly log: TaskLog;
  readonly telemetry: Telemetry | undefined;
  readonly clock: Clock;
  readonly #encoder: Encoder;
  readonly #driver: Link;
  readonly #kills: KillWords;
  readonly #heartbeat: Heartbeat;
  readonly #cells = new KeyTable<ActorCell>();
  readonly #leases = new Map<CellKey, LeaseCell>();
  readonly #producers = new Map<Link, Map<number, Producer>>();
  readonly #parked = new Map<CellKey, Envelope[]>();

  constructor(
    encoder: Encoder,
    driver: Link,
    clock: Clock,
    kills: KillWords,
    heartbeat: Heartbeat,
    log: TaskLog,
    telemetry: Telemetry | undefined,
  ) {
    this.telemetry = telemetry;
    this.log = log;
    this.#kills = kills;
    this.#heartbeat = heartbeat;
    this.#encoder = encoder;
    this.clock = clock;
    this.#driver = driver;
  }

  /** How many actors live here. */
  get size(): number {
    return this.#cells.size;
  }

  create(key: CellKey, terms: CreationTerms, context: ActorContext, args: readonly unknown[]): void {
    const cell = new ActorCell(key, terms, context, this);
    this.#cells.set(key, cell);
    const loaded = loadClass(terms.declaration);
    if (loaded instanceof Promise) void this.#constructWhen(loaded, cell, terms.loadMsMax, args);
    else this.#construct(cell, loaded, args);
    if (this.#parked.size > 0) this.#unpark(key, (envelope) => cell.accept(envelope));
  }

  /** Takes tasks for a lease from now on. Resolves when it is over. */
  openLease(key: CellKey): Promise<void> {
    return new Promise((resolve) => {
      const lease = new LeaseCell(key, this, this.log, () => {
        this.#leases.delete(key);
        resolve();
      });
      this.#leases.set(key, lease);
    });
  }

  /** The lease's owner has given it back. */
  endLease(key: CellKey): void {
    this.#leases.get(key)?.end();
  }

  remove(key: CellKey): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) return;
    this.#cells.delete(key);
    cell.end();
  }

  retire(key: CellKey): void {
    this.#cells.get(key)?.retire();
  }

  cancel(key: CellKey, link: Link, slot: number, recursive: boolean): void {
    this.#cells.get(key)?.cancel(link, slot, recursive);
    this.#leases.get(key)?.cancel(link, slot, recursive);
    const parked = this.#parked.get(key) ?? [];
    const at = parked.findIndex((envelope) => envelope.link === link && envelope.slot === slot);
    if (at !== -1) this.#replyCancelled(parked.splice(at, 1)[0]!, 'a call');
  }

  call(key: CellKey, envelope: Envelope): void {
    const cell = this.#cells.get(key) ?? this.#leases.get(key);
    if (cell !== undefined) cell.accept(envelope);
    else this.#park(key, envelope);
  }

  /** The driver's word that no such cell will come. */
  gone(key: CellKey): void {
    this.#unpark(key, (envelope) => this.unbegun(envelope));
  }

  result(envelope: Envelope, value: unknown, declaration: ClassDeclaration): void {
    const { link, slot } = envelope;
    const out = link.entry();
    if (isPrimitive(value) && typeof value !== 'string') {
      out.push(headOf(Kind.Result, slot), value);
      return;
    }
    const start = out.length;
    out.push(headOf(Kind.CodedResult, slot), Form.Plain);
    try {
      out[start + 1] = this.#encoder.encodeAll(
        [value],
        out,
        new MethodName(declaration, envelope.method),
        'the result',
        link.isWire,
      );
      this.#encoder.freight.sendParcels(out);
      link.addBytes(this.#encoder.freight.takeBytes());
      link.addTransfers(this.#encoder.freight.takeTransfers(true));
    } catch (error) {
      out.length = start;
      if (!(error instanceof SerializationError)) throw error;
      out.push(headOf(Kind.Failure, slot), true, encodeThrown(error));
    }
  }

  failure(envelope: Envelope, thrown: unknown): void {
    const isOurs = thrown instanceof OwnFailure;
    envelope.link
      .entry()
      .push(headOf(Kind.Failure, envelope.slot), isOurs, encodeThrown(isOurs ? thrown.error : thrown));
  }

  produce(envelope: Envelope, generator: unknown, declaration: ClassDeclaration): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const producers = this.#producers.get(envelope.link) ?? new Map<number, Producer>();
    this.#producers.set(envelope.link, producers);
    const producer = new Producer(
      generator as Generator,
      envelope.window!,
      {
        yielded: (value) => this.#yield(envelope, value, declaration),
        ended: (isValue, value) => {
          producers.delete(envelope.slot);
          if (isValue) resolve();
          else reject(value);
        },
        run: (action) => inAsyncContext(envelope, action),
      },
      this.clock,
    );
    envelope.producer = producer;
    producers.set(envelope.slot, producer);
    producer.start();
    return promise;
  }

  /** The consumer of a generator has taken so many items. */
  taken(link: Link, slot: number, count: number): void {
    this.#producers.get(link)?.get(slot)?.taken(count);
  }

  /** Nobody is there any more to take what is produced for that thread. */
  linkClosed(link: Link): void {
    for (const producer of this.#producers.get(link)?.values() ?? []) producer.stop();
    this.#producers.delete(link);
  }

  #yield(envelope: Envelope, value: unknown, declaration: ClassDeclaration): void {
    const { link, slot } = envelope;
    const out = link.entry();
    const start = out.length;
    out.push(headOf(Kind.Yield, slot), Form.Plain);
    try {
      out[start + 1] = this.#encoder.encodeAll(
        [value],
        out,
        new MethodName(declaration, envelope.method),
        'an item',
        envelope.link.isWire,
      );
      this.#encoder.freight.sendParcels(out);
      link.addBytes(this.#encoder.freight.takeBytes());
      link.addTransfers(this.#encoder.freight.takeTransfers(true));
    } catch (error) {
      out.length = start;
      throw error instanceof SerializationError ? new OwnFailure(error) : error;
    }
  }

  refused(envelope: Envelope, error: unknown): void {
    envelope.link.entry().push(headOf(Kind.Failure, envelope.slot), true, encodeThrown(error));
  }

  away(cell: CellKey, isAway: boolean): void {
    this.#driver.entry().push(Kind.LeaseAway, cell, isAway);
  }

  cancelled(envelope: Envelope, declaration: ClassDeclaration): void {
    this.#replyCancelled(envelope, new MethodName(declaration, envelope.method).description);
  }

  isKilled(cell: ActorCell): boolean {
    return this.#kills.isKilled(cell.key);
  }

  interrupted(envelope: Envelope): void {
    envelope.link.entry().push(headOf(Kind.Interrupted, envelope.slot));
  }

  unbegun(envelope: Envelope): void {
    envelope.link.entry().push(headOf(Kind.Unbegun, envelope.slot));
  }

  exited(cell: ActorCell): void {
    this.#cells.delete(cell.key);
    this.#driver.entry().push(Kind.Exited, cell.key);
  }

  async #constructWhen(
    loaded: Promise<Constructor>,
    cell: ActorCell,
    loadMsMax: number,
    args: readonly unknown[],
  ): Promise<void> {
    const late = () =>
      this.#failed(cell, new ActorCreationTimeoutError(cell.declaration.name, 'its module did not load', loadMsMax));
    using _timer = loadMsMax === -1 ? undefined : this.clock.after(loadMsMax, late, { background: true });
    try {
      this.#construct(cell, await loaded, args);
    } catch (error) {
      this.#failed(cell, error);
    }
  }

  #construct(cell: ActorCell, actorClass: Constructor, args: readonly unknown[]): void {
    this.#heartbeat.constructs(cell.key);
    try {
      cell.construct(actorClass, args);
    } catch (error) {
      this.#failed(cell, error);
      return;
    } finally {
      this.#heartbeat.constructed();
    }
    if (cell.state === 'ALIVE') this.#driver.entry().push(Kind.Alive, cell.key);
  }

  #failed(cell: ActorCell, error: unknown): void {
    if (!this.#cells.delete(cell.key)) return; // It was killed, or has failed, meanwhile.
    cell.end();
    this.#driver.entry().push(Kind.Failed, cell.key, encodeThrown(error));
  }

  #replyCancelled(envelope: Envelope, task: string): void {
    envelope.link.entry().push(headOf(Kind.Failure, envelope.slot), true, encodeThrown(new TaskCancelledError(task)));
  }

  #park(key: CellKey, envelope: Envelope): void {
    const parked = this.#parked.get(key);
    if (parked !== undefined) {
      parked.push(envelope);
      return;
    }
    this.#parked.set(key, [envelope]);
    this.#driver.entry().push(Kind.Missing, key);
  }

  #unpark(key: CellKey, each: (envelope: Envelope) => void): void {
    const parked = this.#parked.get(key);
    if (parked === undefined) return;
    this.#parked.delete(key);
    for (const envelope of parked) each(envelope);
  }
}

/** A failure of the runtime's own in the midst of user code. */
class OwnFailure {
  readonly error: SerializationError;

  constructor(error: SerializationError) {
    this.error = error;
  }
}

/** Names a method for an error that hardly ever comes. */
class MethodName implements Described {
  readonly #declaration: ClassDeclaration;
  readonly #method: number;

  constructor(declaration: ClassDeclaration, method: number) {
    this.#declaration = declaration;
    this.#method = method;
  }

  get description(): string {
    if (this.#declaration.isFunction) return this.#declaration.name;
    return `${this.#declaration.name}.${this.#declaration.methods[this.#method]}`;
  }
}
