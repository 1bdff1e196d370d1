/** Actors of six programs of the Savina suite (Imam and Sarkar, 2014), each by the name it has there. */
import { type ActorHandle, type ObjectRef, remote } from 'heddle';

/** Takes word of an ending, and lets somebody wait for it. */
class EndingActor {
  #ended = Promise.withResolvers<void>();

  async tell(): Promise<void> {
    this.#ended.resolve();
  }

  async wait(): Promise<void> {
    await this.#ended.promise;
    this.#ended = Promise.withResolvers<void>();
  }
}

/** Thread ring: hands a count to the next of the ring until it is zero. */
class RingActor {
  #next: ActorHandle<RingActor> | undefined;
  #ending: ActorHandle<EndingActor> | undefined;
  #passes = 0;

  join(next: ActorHandle<RingActor>, ending: ActorHandle<EndingActor>): void {
    this.#next = next;
    this.#ending = ending;
  }

  pass(hopsLeft: number): void {
    this.#passes++;
    if (hopsLeft === 0) this.#ending!.tell.remote();
    else this.#next!.pass.remote(hopsLeft - 1);
  }

  /** How often it was passed something since the last asking. */
  takePasses(): number {
    const passes = this.#passes;
    this.#passes = 0;
    return passes;
  }
}

/** Ping-pong, counting, big: an actor that calls others on its own. */
class PlayerActor {
  #count = 0;
  #others: readonly ActorHandle<PlayerActor>[] = [];

  count(): number {
    this.#count++;
    return this.#count;
  }

  /** Ping-pong: calls the other `times` times, each after the answer to the one before. Gives the sum of the answers. */
  async play(other: ActorHandle<PlayerActor>, times: number): Promise<number> {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += await other.count.remote();
    return sum;
  }

  /** Counting: sends `times` increments and waits for the last of each 1,000. Gives the last answer. */
  async produce(counter: ActorHandle<PlayerActor>, times: number): Promise<number> {
    let last: ObjectRef<number> | undefined;
    for (let i = 0; i < times; i++) {
      last = counter.count.remote();
      if (i % 1000 === 999) await last;
    }
    return await last!;
  }

  /** Big: learns, once, whom it may ping. */
  meet(others: readonly ActorHandle<PlayerActor>[]): void {
    this.#others = others;
  }

  /** Big: pings others in an order of its own, each after the answer of the one before. Gives how many answered. */
  async pingOthers(seed: number, times: number): Promise<number> {
    const others = this.#others;
    let state = seed;
    let answered = 0;
    for (let i = 0; i < times; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      answered += (await others[state % others.length]!.count.remote()) > 0 ? 1 : 0;
    }
    return answered;
  }
}

/** Fork-join: does one small piece of work for each message. */
class WorkerActor {
  #count = 0;

  work(angle: number): number {
    this.#count += Math.sin(angle) > 2 ? 0 : 1;
    return this.#count;
  }
}

export const Ending = remote(import.meta, EndingActor);
export const Ring = remote(import.meta, RingActor);
export const Player = remote(import.meta, PlayerActor);
export const Worker = remote(import.meta, WorkerActor);
