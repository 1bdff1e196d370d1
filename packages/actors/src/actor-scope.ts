/**
 * What the code of one incarnation of an actor runs in, or that of the tasks of a lease, so that it is known whose it
 * is, also after an `await`.
 *
 * A context of its own for every call (`AsyncLocalStorage.run`) costs a fifteenth of the call itself. An actor that
 * runs one call at a time needs only one: entering it again costs a fiftieth of that, and the call that runs is
 * written into it. What such an actor leaves running after a call has ended belongs to the actor, and to its
 * present call if it has one. Where many calls run at once, those of methods that are not async share a scope too, for
 * they never run between each other's awaits; one that returns a promise all the same takes its scope with it.
 */
import { AsyncResource } from 'node:async_hooks';
import type { ActorContext } from './actor-context.ts';
import type { Envelope } from './envelope.ts';

type Method = (...args: readonly unknown[]) => unknown;

export class ActorScope {
  readonly context: ActorContext | undefined;
  /** The call that runs, if one does. */
  envelope: Envelope | undefined;
  #entered: AsyncResource | undefined;

  /** `context`: of the actor; undefined for the tasks of a lease. */
  constructor(context: ActorContext | undefined) {
    this.context = context;
  }

  get isSettled(): boolean {
    return this.#entered !== undefined;
  }

  /** Takes hold of the asynchronous context of the present code, in which the scope must stand. */
  settle(): void {
    this.#entered = new AsyncResource('HeddleActor', { requireManualDestroy: true });
  }

  /** Runs a method as the present call. The caller says when the call is over. */
  run(envelope: Envelope, instance: object | undefined, method: Method, args: readonly unknown[]): unknown {
    this.envelope = envelope;
    return this.#entered!.runInAsyncScope(method, instance, ...args);
  }
}
