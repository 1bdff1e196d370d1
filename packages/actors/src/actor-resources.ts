/**
 * The actors that hold processors and other resources, and those that wait for theirs.
 *
 * An actor holds what its options name from its first creation to its death, across restarts. Those that wait are
 * served in order, and one that fits passes one that does not; so what can never fit holds nobody back.
 */
import type { ActorRecord } from './actor-record.ts';
import { type ResourceLedger, type Resources, resolveResources } from './resource-ledger.ts';

export interface ResourceEffects {
  /** One that waited has what it needs. */
  granted(record: ActorRecord): void;
  /** Something was given back: others may wait for it too. */
  freed(): void;
  /** It waits for what is not there in all, until it is killed. */
  cannotFit(record: ActorRecord, shape: Resources): void;
}

export class ActorResources {
  readonly #ledger: ResourceLedger;
  readonly #effects: ResourceEffects;
  readonly #held = new Map<ActorRecord, Resources>();
  readonly #waiting = new Map<ActorRecord, Resources>();

  constructor(ledger: ResourceLedger, effects: ResourceEffects) {
    this.#ledger = ledger;
    this.#effects = effects;
  }

  /** True when the actor has what it needs; otherwise it will be `granted`. Asking again changes nothing. */
  ask(record: ActorRecord): boolean {
    const { numCpus, resources } = record.options;
    if (numCpus === 0 && Object.keys(resources).length === 0) return true; // Most: nothing is noted of them.
    if (this.#held.has(record)) return true;
    if (this.#waiting.has(record)) return false;
    const shape = resolveResources('create an actor', numCpus, resources);
    if (this.#take(record, shape)) return true;
    this.#waiting.set(record, shape);
    if (!this.#ledger.canEverFit(shape)) this.#effects.cannotFit(record, shape);
    return false;
  }

  /** The actor is dead: it neither holds nor waits. */
  drop(record: ActorRecord): void {
    this.#waiting.delete(record);
    const shape = this.#held.get(record);
    if (shape === undefined) return;
    this.#held.delete(record);
    this.#ledger.giveBack(shape);
    this.#effects.freed();
  }

  /** Something is free again. */
  serve(): void {
    for (const [record, shape] of [...this.#waiting]) {
      if (!this.#waiting.has(record) || !this.#take(record, shape)) continue;
      this.#waiting.delete(record);
      this.#effects.granted(record);
    }
  }

  #take(record: ActorRecord, shape: Resources): boolean {
    if (!this.#ledger.take(shape)) return false;
    this.#held.set(record, shape);
    return true;
  }
}
