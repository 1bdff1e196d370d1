/**
 * The detached actors of a runtime with a directory, on their way into its memory and out of it: their arguments are
 * stored as data, and handles among them as the names of their actors.
 */
import type { ActorMemory, RememberedActor } from './actor-memory.ts';
import { ActorRecord } from './actor-record.ts';
import type { CoreWorker } from './core-worker.ts';
import { SerializationError } from './errors.ts';
import { DEFAULT_ACTOR_OPTIONS } from './options.ts';
import type { ActorKey } from './protocol.ts';
import { NO_RESTARTS } from './restart-judge.ts';

const MOVED_AND_STORED =
  'the arguments of a detached actor must be storable where the runtime has a directory, and what is moved is not';

/** One that an earlier runtime has left, with a record in this one. */
export interface AdoptedActor {
  readonly record: ActorRecord;
  /** Its constructor's arguments as they are stored. */
  readonly args: readonly string[];
}

export class RememberedActors {
  readonly #core: CoreWorker;
  readonly #memory: ActorMemory;
  readonly #runtimeId: string;
  /** Of those that were adopted, by actor id. */
  readonly #keys = new Map<string, ActorKey>();

  constructor(core: CoreWorker, memory: ActorMemory, runtimeId: string) {
    this.#core = core;
    this.#memory = memory;
    this.#runtimeId = runtimeId;
  }

  /** Resolves when a new actor, whose arguments are there, is remembered durably. */
  async remember(record: ActorRecord): Promise<void> {
    const task = `the constructor of ${record.declaration.name}`;
    if (record.args!.transfers.length > 0) throw new SerializationError(task, 'arguments', MOVED_AND_STORED);
    await this.#memory.remember(record, this.#memory.store(this.#core.argsToStore(record.args!), task));
  }

  /** The same of one that has begun a new life, with as many restarts as it has now. */
  rememberAgain({ record, args }: AdoptedActor): Promise<void> {
    return this.#memory.remember(record, args);
  }

  /** Gives records to all that an earlier runtime has left: before any of them is made, so that their handles find them. */
  adopt(remembered: readonly RememberedActor[]): AdoptedActor[] {
    const adopted = remembered.map((actor) => ({ record: this.#toRecord(actor), args: actor.args }));
    for (const { record, args } of adopted) {
      this.#memory.adopt(record, args);
      this.#keys.set(record.actorId, record.actor);
    }
    return adopted;
  }

  /** Its constructor's arguments as values. A handle of an actor that was not left is one of a dead actor. */
  argumentsOf({ args }: AdoptedActor): unknown[] {
    const keyOf = (actorId: string): ActorKey => this.#keys.get(actorId) ?? this.#core.newActorKey();
    return this.#memory.restore(args, (content) => this.#core.storedHandle(content, keyOf));
  }

  #toRecord({ declaration, namespace, identity, startTime, restarts, ...actor }: RememberedActor): ActorRecord {
    const options = { ...DEFAULT_ACTOR_OPTIONS, ...actor.options };
    const { actorId: givenId, ...terms } = identity;
    const ofOne = { runtimeId: this.#runtimeId, givenId, epochMs: startTime };
    const template = { ...ofOne, declaration, options, namespace, terms };
    const record = new ActorRecord(this.#core.newActorKey(), template, undefined, startTime);
    record.history = { ...NO_RESTARTS, restarts };
    return record;
  }
}
