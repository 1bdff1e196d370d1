/**
 * Where a runtime with a directory remembers its detached actors, so that the next one on that directory makes
 * them anew.
 *
 *   actors.lock   held by the one runtime that works here
 *   actors.db     the tables: `actors`, by actor id; `names`, by namespace and name, leading to actor ids
 *
 * What is written follows the driver's `ActorRecord` and decides nothing: an actor is here, durably, before its
 * first incarnation is made, and gone when it is DEAD. An end of the runtime, orderly or not, takes nothing out.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Gcs, openGcs, type Table } from '@heddle/gcs';
import { FileLock, LockedError } from '@heddle/launcher';
import type { ActorRecord } from './actor-record.ts';
import type { ActorIdentity } from './actor-route.ts';
import type { ClassDeclaration } from './class-declaration.ts';
import { RuntimeDirectoryInUseError } from './errors.ts';
import type { ResolvedActorOptions } from './options.ts';
import { restoreArgs, storeArgs } from './stored-args.ts';

/** One detached actor, as it outlives its runtime. */
export interface RememberedActor {
  readonly identity: Omit<ActorIdentity, 'actor'>;
  readonly declaration: ClassDeclaration;
  readonly options: Partial<ResolvedActorOptions>;
  readonly namespace: string;
  /** As `storeArgs` gives them. */
  readonly args: readonly string[];
  readonly restarts: number;
  readonly startTime: number;
}

export class ActorMemory implements AsyncDisposable {
  readonly #lock: FileLock;
  readonly #gcs: Gcs;
  readonly #actors: Table<RememberedActor>;
  readonly #names: Table<{ readonly actorId: string }>;
  /** What was stored of the arguments; they do not change from incarnation to incarnation. */
  readonly #args = new WeakMap<ActorRecord, readonly string[]>();
  /** The latest write for each actor. */
  readonly #writes = new WeakMap<ActorRecord, Promise<unknown>>();

  private constructor(lock: FileLock, gcs: Gcs) {
    this.#lock = lock;
    this.#gcs = gcs;
    this.#actors = gcs.table('actors');
    this.#names = gcs.table('names');
  }

  /** @throws RuntimeDirectoryInUseError, naming the process whose runtime works there. */
  static async open(directory: string): Promise<ActorMemory> {
    const path = resolve(directory);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const lock = takeLock(path);
    try {
      return new ActorMemory(lock, await openGcs({ storage: 'sqlite', file: join(path, 'actors.db') }));
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** All that earlier runtimes left, oldest first. */
  async load(): Promise<RememberedActor[]> {
    return (await this.#actors.list()).map(({ value }) => value);
  }

  /** The record is of an actor that an earlier runtime has left. */
  adopt(record: ActorRecord, args: readonly string[]): void {
    this.#args.set(record, args);
  }

  /** Arguments as they are remembered. @throws SerializationError that names the first that cannot be. */
  store(args: readonly unknown[], description: string): readonly string[] {
    return storeArgs(args, description);
  }

  /** Arguments as they were; `toHandle` makes a handle of what stands for one. */
  restore(args: readonly string[], toHandle: (content: unknown) => unknown): unknown[] {
    return restoreArgs(args, toHandle);
  }

  /** Resolves when the actor is remembered durably. */
  async remember(record: ActorRecord, args: readonly string[]): Promise<void> {
    this.#args.set(record, args);
    const { name } = record.options;
    const named = name === undefined ? undefined : this.#names.put(nameKey(record), { actorId: record.actorId });
    await Promise.all([named, this.#write(record)]);
  }

  /** The record has changed: a restart was used up. */
  changed(record: ActorRecord): void {
    if (this.#args.has(record)) this.#note(record, this.#write(record));
  }

  /** The actor is DEAD. */
  forget(record: ActorRecord): void {
    if (!this.#args.delete(record)) return;
    const named = record.options.name === undefined ? undefined : this.#names.delete(nameKey(record));
    this.#note(record, Promise.all([named, this.#actors.delete(record.actorId)]));
  }

  /** Resolves when what was noted of the actor is durable. @throws StorageError when it cannot be. */
  async settled(record: ActorRecord): Promise<void> {
    await this.#writes.get(record);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#gcs[Symbol.asyncDispose]();
    } finally {
      this.#lock[Symbol.dispose]();
    }
  }

  async #write(record: ActorRecord): Promise<void> {
    const { actor: _, ...identity } = record.identity;
    await this.#actors.put(record.actorId, {
      identity,
      declaration: record.declaration,
      options: record.options,
      namespace: record.namespace,
      args: this.#args.get(record)!,
      restarts: record.history.restarts,
      startTime: record.startTime,
    });
  }

  /** Tables take what they are asked in order, so the latest answer speaks for all before it. */
  #note(record: ActorRecord, write: Promise<unknown>): void {
    write.catch(() => {}); // Whoever waits for `settled` is told.
    this.#writes.set(record, write);
  }
}

const nameKey = (record: ActorRecord): string => JSON.stringify([record.namespace, record.options.name]);

function takeLock(directory: string): FileLock {
  try {
    return FileLock.acquire(join(directory, 'actors.lock'), { pid: process.pid });
  } catch (error) {
    if (error instanceof LockedError)
      throw new RuntimeDirectoryInUseError(directory, error.holderPid, { cause: error });
    throw error;
  }
}
