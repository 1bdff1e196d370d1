/**
 * One thread's way to the tables: numbers what is asked, sends what was asked in one turn as one message, and settles
 * each promise with its reply.
 *
 * A request is in exactly one place: refused, the outbox and `#pending`, `#pending` alone, or settled. When the wire
 * ends, all that is pending fails with the wire's reason; a write among it may or may not have become durable.
 */
import type { MessagePort } from 'node:worker_threads';
import { checkString, createDeferred, decodeError } from '@heddle/base';
import type { Asked, Asker, Ending } from './asker.ts';
import { GcsClosedError, GcsOverloadedError } from './errors.ts';
import type { ConnectionOptions } from './options.ts';
import type { Cancel, Operations, OperationType, Reply, Request, RequestId } from './protocol.ts';
import { RemoteTable } from './remote-table.ts';
import type { Gcs, GcsStats, Table } from './table.ts';
import type { Wire, WireReceiver } from './wire.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class GcsClient implements Gcs, Asker, WireReceiver {
  readonly limits: Required<ConnectionOptions>;
  readonly closed: Promise<Error | undefined>;
  readonly #closed = createDeferred<Error | undefined>();
  readonly #wire: Wire;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #watches = new Set<Ending>();
  #outbox: (Request | Cancel)[] = [];
  #nextId = 1;
  /** Why nothing more can be asked. */
  #end: Error | undefined;
  #disposed: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  /** Owns `wire`. */
  constructor(wire: Wire, limits: Required<ConnectionOptions>) {
    this.closed = this.#closed.promise;
    this.limits = limits;
    this.#wire = wire;
    wire.open(this);
  }

  table<T>(name: string): Table<T> {
    return new RemoteTable<T>(this, name);
  }

  connect(): MessagePort {
    this.#checkOpen('connect to tables');
    return this.#wire.connect();
  }

  stats(): Promise<GcsStats> {
    return this.ask('count what the tables did', 'stats', {});
  }

  async backup(file: string): Promise<void> {
    checkString('back up tables', 'file', file);
    await this.ask('back up tables', 'backup', { file });
  }

  ask<Type extends OperationType>(
    action: string,
    type: Type,
    fields: Operations[Type]['ask'],
  ): Promise<Operations[Type]['answer']> {
    return this.askCancellable(action, type, fields).answer;
  }

  askCancellable<Type extends OperationType>(action: string, type: Type, fields: Operations[Type]['ask']): Asked<Type> {
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#checkOpen(action);
      if (this.#pending.size >= this.limits.pendingMax) throw new GcsOverloadedError(action, this.limits.pendingMax);
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#wire.hold(true);
      this.#send({ ...fields, id, type } as unknown as Request);
    });
    return { answer: answer as Promise<Operations[Type]['answer']>, cancel: () => this.#cancel(id) };
  }

  hold(watch: Ending): void {
    this.#watches.add(watch);
  }

  letGo(watch: Ending): void {
    this.#watches.delete(watch);
  }

  replied(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const pending = this.#take(reply.id);
      if (pending === undefined) continue; // A watch that was cancelled while its answer was on the way.
      if ('error' in reply) pending.reject(decodeError(reply.error));
      else pending.resolve(reply.result);
    }
  }

  ended(reason: Error): void {
    this.#end ??= reason;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(reason);
    this.#closed.resolve(reason instanceof GcsClosedError ? undefined : reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    this.#end ??= new GcsClosedError('use tables');
    for (const watch of [...this.#watches]) watch.end();
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
    }
    await this.#wire.close();
    this.#closed.resolve(undefined);
  }

  #send(request: Request | Cancel): void {
    this.#outbox.push(request);
    if (this.#outbox.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const requests = this.#outbox;
    this.#outbox = [];
    this.#wire.send(requests);
  }

  #cancel(id: RequestId): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    this.#send({ id, type: 'cancel' });
    pending.resolve(undefined);
  }

  #take(id: RequestId): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (this.#pending.size === 0) {
      this.#wire.hold(false);
      this.#onDrained?.();
    }
    return pending;
  }

  #checkOpen(action: string): void {
    if (this.#end === undefined) return;
    throw this.#end instanceof GcsClosedError ? new GcsClosedError(action) : this.#end;
  }
}
