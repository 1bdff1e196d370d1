import { actorIdOf } from './actor-key.ts';
import type { ActorKey } from './protocol.ts';

/** What is the same for all incarnations that the driver sends alike, one after another. */
export interface ContextTerms {
  readonly runtimeId: string;
  /** The id of the one actor that it is for, which had it in an earlier runtime; otherwise it follows from the key. */
  readonly givenId: string | undefined;
  readonly actorName: string | undefined;
  readonly namespace: string;
  readonly workerId: string;
  readonly restartCount: number;
}

/** What is the same for all calls of one incarnation of an actor, as the driver sends it. */
export class ActorContext {
  readonly actor: ActorKey;
  readonly #terms: ContextTerms;

  constructor(actor: ActorKey, terms: ContextTerms) {
    this.actor = actor;
    this.#terms = terms;
  }

  get actorId(): string {
    return this.#terms.givenId ?? actorIdOf(this.#terms.runtimeId, this.actor);
  }

  get actorName(): string | undefined {
    return this.#terms.actorName;
  }

  get namespace(): string {
    return this.#terms.namespace;
  }

  get workerId(): string {
    return this.#terms.workerId;
  }

  get restartCount(): number {
    return this.#terms.restartCount;
  }
}
