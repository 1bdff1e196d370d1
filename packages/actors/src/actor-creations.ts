/**
 * Sends the incarnations of actors to where they live, and sees to it that their constructors return in time.
 *
 * A constructor that does not return holds up its whole thread, which therefore ends with it: `creation-watch.ts`.
 */
import type { Clock } from '@heddle/base';
import type { ActorDirectory } from './actor-directory.ts';
import type { ActorRecord } from './actor-record.ts';
import { CreationWatch } from './creation-watch.ts';
import type { Definitions } from './definitions.ts';
import { ActorCreationTimeoutError, ActorDeathCause } from './errors.ts';
import type { PoolWorker } from './pool-worker.ts';
import { type Batch, type CellKey, Kind } from './protocol.ts';

export interface CreationsParts {
  readonly definitions: Definitions;
  readonly directory: ActorDirectory;
  readonly clock: Clock;
  readonly nextCell: () => CellKey;
  /** The constructor of this cell has had its time, and somebody waits for it. */
  readonly timedOut: (cell: CellKey, cause: Error) => void;
}

export class ActorCreations implements Disposable {
  readonly #parts: CreationsParts;
  readonly #watch: CreationWatch<PoolWorker>;

  constructor(parts: CreationsParts) {
    const { clock, directory } = parts;
    this.#parts = parts;
    this.#watch = new CreationWatch(clock, {
      isPending: (cell) => directory.byCell(cell)?.state === 'PENDING_CREATION',
      hasNeighbours: (thread) => directory.living().some(({ seat, state }) => seat === thread && state === 'ALIVE'),
      overdue: (cell, thread, limitMs) => this.#overdue(cell, thread, limitMs),
      again: (cell, creations) => {
        const record = directory.byCell(cell);
        if (record !== undefined) record.creation = creations;
      },
    });
  }

  /** The record then names the new cell and its seat. */
  send(record: ActorRecord, seat: PoolWorker): void {
    const { directory, nextCell } = this.#parts;
    const cell = nextCell();
    record.args!.writeTo(seat.link, this.#write(record, cell, seat));
    record.seat = seat;
    directory.setCell(record, cell);
  }

  /** Its time runs from now on, where it has a limit. */
  watch(record: ActorRecord, seat: PoolWorker): void {
    const limitMs = record.options.creationTimeoutMs;
    if (limitMs !== -1) record.creation = this.#watch.start(record.cell, seat, limitMs);
  }

  /** Its constructor has returned or thrown. */
  over(record: ActorRecord): void {
    if (record.creation !== undefined) this.#watch.stop(record.creation);
    record.creation = undefined;
  }

  threadOver(thread: PoolWorker): void {
    this.#watch.threadOver(thread);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  /** One that is like the latest on its link, as most are, says no more than which it is. */
  #write(record: ActorRecord, cell: CellKey, seat: PoolWorker): Batch {
    const { template, actor } = record;
    const { restarts } = record.history;
    const isPlain = restarts === 0 && template.givenId === undefined;
    const out = seat.link.entry();
    if (isPlain && seat.latestTemplate === template) {
      out.push(Kind.CreateLike, cell, actor);
      return out;
    }
    const { givenId, declaration, options, namespace, terms } = template;
    const classNumber = this.#parts.definitions.numberOf(declaration);
    const groups = terms.groups.length === 0 ? undefined : options.concurrencyGroups;
    const { name, maxConcurrency, creationTimeoutMs } = options;
    out.push(Kind.Create, cell, actor, classNumber, givenId, name, namespace, restarts);
    out.push(maxConcurrency, groups, creationTimeoutMs);
    seat.latestTemplate = isPlain ? template : undefined;
    return out;
  }

  /** The thread is stuck in the constructor of that incarnation, or in its module. */
  #overdue(cell: CellKey, thread: PoolWorker, limitMs: number): void {
    const { directory, timedOut } = this.#parts;
    const record = directory.byCell(cell) ?? directory.all().find((each) => each.cell === cell);
    const name = record?.declaration.name ?? 'unknown';
    const cause = new ActorCreationTimeoutError(name, 'its constructor did not return', limitMs);
    if (record?.state === 'PENDING_CREATION') timedOut(cell, cause);
    void thread.terminate(new ActorDeathCause(`worker "${thread.workerId}" was stuck`, { cause }));
  }
}
