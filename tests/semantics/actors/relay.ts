import { type ActorHandle, getActor, getRuntimeContext, listNamedActors, remote } from '@heddle/actors';
import { Counter } from './counter.ts';

/** Reaches other actors by handles that it was given, made, or found by name. */
export const Relay = remote(
  import.meta,
  class Relay {
    #kept: ActorHandle<typeof Counter> | undefined;

    workerId(): string {
      return getRuntimeContext().workerId;
    }

    async incrementIn(box: {
      readonly deep: readonly [{ readonly counter: ActorHandle<typeof Counter> }];
    }): Promise<number> {
      return await box.deep[0].counter.increment.remote();
    }

    /** Calls at once what may not have been made yet. */
    async valueOf_(counter: ActorHandle<typeof Counter>): Promise<number> {
      return await counter.value.remote();
    }

    async failOf(counter: ActorHandle<typeof Counter>, message: string): Promise<never> {
      return await counter.fail.remote(message);
    }

    /** Makes actors and calls each in the same turn. */
    async makeAndCall(amount: number): Promise<number[]> {
      const refs = Array.from({ length: amount }, (_, start) => Counter.remote(start).value.remote());
      return await Promise.all(refs);
    }

    /** Makes an actor of its own and keeps it. */
    async makeOwn(start: number): Promise<ActorHandle<typeof Counter>> {
      this.#kept = Counter.remote(start);
      await this.#kept.value.remote();
      return this.#kept;
    }

    /** Gives its own actor up in the turn in which it calls it. */
    async callAndRelease(): Promise<number> {
      const own = Counter.remote(7);
      const ref = own.value.remote();
      own.release();
      return await ref;
    }

    async makeNamed(name: string, start: number): Promise<number> {
      return await Counter.options({ name, lifetime: 'detached' }).remote(start).value.remote();
    }

    async findAndIncrement(name: string, namespace?: string): Promise<number> {
      const counter = await getActor<typeof Counter>(name, namespace);
      return await counter.increment.remote();
    }

    async names(): Promise<string[]> {
      return await listNamedActors();
    }

    async makeWith(value: { n: number }): Promise<number> {
      const counter = Counter.options({ maxRestarts: 1 }).remote(value.n);
      return await counter.value.remote();
    }
  },
);
