import { actorIdOf } from './actor-key.ts';
import type { ActorKey } from './protocol.ts';

/** What is the same for all incarnations that the driver sends alike, one after another. */
export interface ContextTerms {
  readonly runtimeId: string;
  readonly actorName: string | undefined;
  readonly namespace: string;
  readonly workerId: string;
  readonly restartCount: number;
}

/** What is the same for all calls of one incarnation of an actor, as the driver sends it. */
export class ActorContext {
  readonly actor: ActorKey;
  readonly #terms: ContextTerms;
  readonly #givenId: string | undefined;

  /** `givenId`: of an actor that had it in an earlier runtime; otherwise it follows from the key. */
  constructor(actor: ActorKey, terms: ContextTerms, givenId: string | undefined) {
    this.actor = actor;
    this.#terms = terms;
    this.#givenId = givenId;
  }

  get actorId(): string {
    return this.#givenId ?? actorIdOf(this.#terms.runtimeId, this.actor);
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
