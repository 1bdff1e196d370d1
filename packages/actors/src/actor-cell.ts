/**
 * One incarnation of one actor in its thread: the object, its mailbox, its running calls.
 *
 *                  1          2
 *   CONSTRUCTING ──▶ ALIVE ──▶ LEAVING ──▶ OVER
 *        └── 3 ──────── 4 ────────────────▶
 *
 * 1. The constructor returned. 2. `exitActor()` was called: running calls finish, nothing begins. 3. The module
 * or the constructor failed. 4. The actor was killed.
 *
 * Every envelope handed to `accept` is answered exactly once: with the method's outcome, or `interrupted` when
 * it had begun and the actor was killed, or `unbegun`. What a method returns after that is dropped.
 */
import type { ClassDeclaration } from './class-declaration.ts';
import type { Link } from './link.ts';
import { Mailbox } from './mailbox.ts';
import type { CellKey } from './protocol.ts';
import { type ActorContext, ActorExit, enterContext, inAsyncContext, leaveContext } from './runtime-context.ts';

/** One call as its host holds it. */
export interface Envelope {
  readonly link: Link;
  readonly slot: number;
  readonly method: number;
  readonly args: readonly unknown[];
}

/** How the host answers. */
export interface Replies {
  result(envelope: Envelope, value: unknown, declaration: ClassDeclaration): void;
  failure(envelope: Envelope, thrown: unknown): void;
  interrupted(envelope: Envelope): void;
  unbegun(envelope: Envelope): void;
  /** The last running call of a leaving actor has ended. */
  exited(cell: ActorCell): void;
}

type State = 'CONSTRUCTING' | 'ALIVE' | 'LEAVING' | 'OVER';

/** How many calls of a class with an async method run at once unless told otherwise. Ray's default too. */
const ASYNC_CONCURRENCY = 1_000;

export class ActorCell {
  readonly key: CellKey;
  readonly declaration: ClassDeclaration;
  readonly context: ActorContext;
  readonly #replies: Replies;
  readonly #limit: number;
  readonly #mailbox = new Mailbox<Envelope>();
  readonly #running = new Set<Envelope>();
  #state: State = 'CONSTRUCTING';
  #instance: Record<string, (...args: readonly unknown[]) => unknown> | undefined;

  constructor(
    key: CellKey,
    declaration: ClassDeclaration,
    context: ActorContext,
    maxConcurrency: number,
    replies: Replies,
  ) {
    this.key = key;
    this.declaration = declaration;
    this.context = context;
    this.#limit = maxConcurrency === 0 ? (declaration.isAsync ? ASYNC_CONCURRENCY : 1) : maxConcurrency;
    this.#replies = replies;
  }

  get state(): State {
    return this.#state;
  }

  /** Runs the constructor. @throws what it throws; the cell is then OVER. */
  construct(actorClass: new (...args: unknown[]) => object, args: readonly unknown[]): void {
    if (this.#state !== 'CONSTRUCTING') return; // Killed while its module was loading.
    try {
      this.#instance = inAsyncContext(this.context, () => new actorClass(...args)) as never;
    } catch (error) {
      this.end();
      throw error instanceof ActorExit ? new Error('its constructor called exitActor()') : error;
    }
    this.#state = 'ALIVE';
    this.#runWaiting();
  }

  accept(envelope: Envelope): void {
    if (this.#state === 'LEAVING' || this.#state === 'OVER') this.#replies.unbegun(envelope);
    else if (this.#state === 'ALIVE' && this.#mailbox.size === 0 && this.#running.size < this.#limit)
      this.#run(envelope);
    else this.#mailbox.post(envelope);
  }

  /** Ends the actor now: nothing more of it begins, and what runs is not waited for. */
  end(): void {
    if (this.#state === 'OVER') return;
    this.#state = 'OVER';
    for (const envelope of this.#running) this.#replies.interrupted(envelope);
    this.#running.clear();
    for (const envelope of this.#mailbox.drain()) this.#replies.unbegun(envelope);
  }

  #runWaiting(): void {
    while (this.#state === 'ALIVE' && this.#running.size < this.#limit) {
      const envelope = this.#mailbox.take();
      if (envelope === undefined) return;
      this.#run(envelope);
    }
  }

  #run(envelope: Envelope): void {
    envelope.link.markBegun(envelope.slot);
    const name = this.declaration.methods[envelope.method]!;
    let result: unknown;
    try {
      result = this.declaration.isAsync
        ? inAsyncContext(this.context, () => this.#instance![name]!(...envelope.args))
        : this.#runPlain(name, envelope.args);
    } catch (error) {
      this.#answer(envelope, false, error);
      return;
    }
    if (isThenable(result)) {
      this.#running.add(envelope); // Only a call that outlasts its turn can be met by an end.
      result.then(
        (value) => this.#finishLater(envelope, true, value),
        (error) => this.#finishLater(envelope, false, error),
      );
    } else {
      this.#answer(envelope, true, result);
    }
  }

  #runPlain(name: string, args: readonly unknown[]): unknown {
    const before = enterContext(this.context);
    try {
      return this.#instance![name]!(...args);
    } finally {
      leaveContext(before);
    }
  }

  #finishLater(envelope: Envelope, isValue: boolean, value: unknown): void {
    if (!this.#running.delete(envelope)) return; // Killed meanwhile: it was answered then.
    this.#answer(envelope, isValue, value);
    this.#runWaiting();
  }

  #answer(envelope: Envelope, isValue: boolean, value: unknown): void {
    if (isValue) this.#replies.result(envelope, value, this.declaration);
    else if (value instanceof ActorExit) this.#leave(envelope);
    else this.#replies.failure(envelope, value);
    if (this.#state === 'LEAVING' && this.#running.size === 0) this.#exit();
  }

  #leave(envelope: Envelope): void {
    this.#replies.interrupted(envelope);
    if (this.#state !== 'ALIVE') return;
    this.#state = 'LEAVING';
    for (const waiting of this.#mailbox.drain()) this.#replies.unbegun(waiting);
  }

  #exit(): void {
    this.#state = 'OVER';
    this.#replies.exited(this);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
