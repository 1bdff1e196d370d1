/**
 * The actors that hold processors and other resources, and those that wait for theirs in the same lines as tasks do.
 *
 * An actor holds what its options name from its first creation to its death, across restarts.
 */
import type { ActorRecord } from './actor-record.ts';
import { type Resources, resolveResources } from './resource-ledger.ts';
import type { ResourceQueue, ResourceWish } from './resource-queue.ts';

export interface ResourceEffects {
  /** One that waited has what it needs. */
  granted(record: ActorRecord): void;
  /** It waits for what is not there in all, until it is killed. */
  cannotFit(record: ActorRecord, shape: Resources): void;
}

export class ActorResources {
  readonly #resources: ResourceQueue;
  readonly #effects: ResourceEffects;
  readonly #held = new Map<ActorRecord, Resources>();
  readonly #waiting = new Map<ActorRecord, ResourceWish>();

  constructor(resources: ResourceQueue, effects: ResourceEffects) {
    this.#resources = resources;
    this.#effects = effects;
  }

  /** True when the actor has what it needs; otherwise it will be `granted`. Asking again changes nothing. */
  ask(record: ActorRecord): boolean {
    const { numCpus, resources } = record.options;
    if (numCpus === 0 && isEmpty(resources)) return true; // Most: nothing is noted of them.
    if (this.#held.has(record)) return true;
    if (this.#waiting.has(record)) return false;
    const shape = resolveResources('create an actor', numCpus, resources);
    let isAsking = true;
    const wish: ResourceWish = {
      shape,
      granted: () => {
        this.#waiting.delete(record);
        this.#held.set(record, shape);
        if (!isAsking) this.#effects.granted(record);
      },
    };
    this.#waiting.set(record, wish);
    this.#resources.wait(wish);
    isAsking = false;
    if (this.#held.has(record)) return true;
    if (!this.#resources.canEverFit(shape)) this.#effects.cannotFit(record, shape);
    return false;
  }

  /** The actor is dead: it neither holds nor waits. */
  drop(record: ActorRecord): void {
    const wish = this.#waiting.get(record);
    this.#waiting.delete(record);
    if (wish !== undefined) this.#resources.withdraw(wish);
    const shape = this.#held.get(record);
    this.#held.delete(record);
    if (shape !== undefined) this.#resources.giveBack(shape);
  }
}

function isEmpty(resources: Resources): boolean {
  for (const _ in resources) return false;
  return true;
}
