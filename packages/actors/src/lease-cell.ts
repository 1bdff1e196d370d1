/**
 * One lease in its pool thread: the tasks that its owner has sent, run one after another. One that waits for refs
 * lets the next begin; when all wait, the driver hears, and lends the lease's processors to others.
 *
 * A task is claimed before it begins: its owner may have taken it back while it stood in line.
 *
 * To make an asynchronous context for each task would cost a third of all that a short one costs here. So functions
 * that are not async run in one context of the lease's, into which the running task is written: what such a one leaves
 * running after its end belongs to no task. One that returns a promise after all takes the context with it.
 */
import type { ActorScope } from './actor-scope.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import type { Envelope, Settling } from './envelope.ts';
import type { Link } from './link.ts';
import { loadFunction } from './load-class.ts';
import { Mailbox } from './mailbox.ts';
import type { CellKey } from './protocol.ts';
import { ActorExit, inAsyncContext, newScope } from './runtime-context.ts';
import type { TaskLog } from './task-log.ts';
import type { Telemetry } from './telemetry.ts';

/** How the host answers for a task. */
export interface TaskReplies {
  readonly telemetry: Telemetry | undefined;
  result(envelope: Envelope, value: unknown, declaration: ClassDeclaration): void;
  failure(envelope: Envelope, thrown: unknown): void;
  /** Runs a generator and sends what it yields. Settles as it ends. */
  produce(envelope: Envelope, generator: unknown, declaration: ClassDeclaration): Promise<void>;
  /** The task could not be run: its module failed. */
  refused(envelope: Envelope, error: unknown): void;
  cancelled(envelope: Envelope, declaration: ClassDeclaration): void;
  unbegun(envelope: Envelope): void;
  /** All tasks of the lease wait for refs, or one goes on. */
  away(cell: CellKey, isAway: boolean): void;
}

type Target = (...args: readonly unknown[]) => unknown;

export class LeaseCell {
  readonly key: CellKey;
  readonly #replies: TaskReplies;
  readonly #log: TaskLog;
  readonly #onOver: () => void;
  readonly #queue = new Mailbox<Envelope>();
  readonly #running = new Set<Envelope>();
  readonly #onWait = (envelope: Envelope, ref: Settling): void => this.#waits(envelope, ref);
  #scope: ActorScope | undefined;
  /** Those of the running ones that wait for nothing. */
  #active = 0;
  #isAway = false;
  #isEnding = false;

  constructor(key: CellKey, replies: TaskReplies, log: TaskLog, onOver: () => void) {
    this.key = key;
    this.#log = log;
    this.#replies = replies;
    this.#onOver = onOver;
  }

  accept(envelope: Envelope): void {
    this.#queue.post(envelope);
    if (this.#active === 0) this.#next();
  }

  cancel(link: Link, slot: number, recursive: boolean): void {
    for (const envelope of this.#running)
      if (envelope.link === link && envelope.slot === slot) envelope.cancel(recursive);
  }

  /** The owner has given the lease back: what still runs, finishes. */
  end(): void {
    this.#isEnding = true;
    for (const envelope of this.#queue.drain()) this.#replies.unbegun(envelope);
    this.#checkOver();
  }

  #next(): void {
    for (let envelope = this.#queue.take(); envelope !== undefined; envelope = this.#queue.take()) {
      if (!envelope.link.claim(envelope.slot)) {
        this.#replies.unbegun(envelope);
        continue;
      }
      this.#begin(envelope);
      if (this.#active > 0) return;
    }
    this.#tellIfAway();
    this.#checkOver();
  }

  #begin(envelope: Envelope): void {
    const declaration = envelope.link.peerClasses[envelope.method]!;
    const loaded = loadFunction(declaration);
    if (!(loaded instanceof Promise)) {
      this.#run(envelope, declaration, loaded);
      return;
    }
    this.#running.add(envelope);
    this.#active++;
    loaded.then(
      (target) => {
        this.#log.touch();
        this.#running.delete(envelope);
        this.#active--;
        this.#run(envelope, declaration, target);
        if (this.#active === 0) this.#next();
      },
      (error) => {
        this.#replies.refused(envelope, error);
        this.#finished(envelope);
      },
    );
  }

  #run(envelope: Envelope, declaration: ClassDeclaration, target: Target): void {
    const beganMs = this.#log.lastMs;
    let result: unknown;
    let comesLater = false;
    envelope.task = declaration.name;
    if (this.#log.traces(declaration)) envelope.run = this.#log.run(envelope.link.peer, envelope.order, declaration, 0);
    envelope.onWait = this.#onWait;
    this.#tellBack();
    try {
      const { carrier } = envelope;
      result =
        carrier === undefined
          ? this.#invoke(envelope, declaration, target)
          : this.#replies.telemetry!.run(declaration.name, carrier, () => this.#invoke(envelope, declaration, target));
      if (envelope.window !== undefined) result = this.#replies.produce(envelope, result, declaration);
      comesLater = typeof (result as PromiseLike<unknown> | undefined | null)?.then === 'function';
    } catch (error) {
      this.#leaveScope(envelope, false);
      this.#answer(envelope, declaration, beganMs, false, error);
      return;
    }
    this.#leaveScope(envelope, comesLater);
    if (!comesLater) {
      this.#answer(envelope, declaration, beganMs, true, result);
      return;
    }
    this.#running.add(envelope);
    if (envelope.waits === 0) this.#active++;
    Promise.resolve(result).then(
      (value) => {
        this.#answer(envelope, declaration, beganMs, true, value);
        this.#finished(envelope);
      },
      (error) => {
        this.#answer(envelope, declaration, beganMs, false, error);
        this.#finished(envelope);
      },
    );
  }

  #invoke(envelope: Envelope, declaration: ClassDeclaration, target: Target): unknown {
    if (declaration.isAsync || envelope.window !== undefined)
      return inAsyncContext(envelope, () => target(...envelope.args));
    this.#scope ??= newScope(undefined);
    return this.#scope.run(envelope, undefined, target, envelope.args);
  }

  /** `staysIn`: the task goes on in the scope, and the next one has one of its own. */
  #leaveScope(envelope: Envelope, staysIn: boolean): void {
    if (this.#scope?.envelope !== envelope) return;
    if (staysIn) this.#scope = undefined;
    else this.#scope.envelope = undefined;
  }

  #answer(envelope: Envelope, declaration: ClassDeclaration, beganMs: number, isValue: boolean, value: unknown): void {
    if (envelope.run !== undefined) this.#log.ran(envelope.run);
    else this.#log.read();
    envelope.link.addRan(this.#log.lastMs - beganMs);
    if (envelope.isCancelled) this.#replies.cancelled(envelope, declaration);
    else if (isValue) this.#replies.result(envelope, value, declaration);
    else if (value instanceof ActorExit) this.#replies.failure(envelope, new TypeError(value.message));
    else this.#replies.failure(envelope, value);
  }

  #finished(envelope: Envelope): void {
    this.#running.delete(envelope);
    if (envelope.waits === 0) this.#active--;
    if (this.#active === 0) this.#next();
  }

  /** The running code of a task waits for a ref: its place is free until the ref has settled. */
  #waits(envelope: Envelope, ref: Settling): void {
    if (envelope.waits++ === 0) {
      if (envelope.run !== undefined) this.#log.turn(envelope.run);
      if (this.#running.has(envelope)) this.#free();
    }
    ref.whenSettled(() => {
      envelope.waits--;
      if (envelope.waits > 0 || !this.#running.has(envelope)) return;
      if (envelope.run !== undefined) this.#log.turn(envelope.run);
      this.#active++;
      this.#tellBack();
    });
  }

  #free(): void {
    this.#active--;
    if (this.#active === 0)
      queueMicrotask(() => {
        this.#log.touch();
        if (this.#active === 0) this.#next();
      });
  }

  #tellIfAway(): void {
    if (this.#isAway || this.#running.size === 0) return;
    this.#isAway = true;
    this.#replies.away(this.key, true);
  }

  #tellBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#replies.away(this.key, false);
  }

  #checkOver(): void {
    if (this.#isEnding && this.#running.size === 0) this.#onOver();
  }
}
