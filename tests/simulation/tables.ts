/**
 * The jobs table of a daemon as its threads see it, over the product's own storage semantics.
 *
 * The storage is the disk: what a commit has put there survives everything. A request that its server had not
 * committed when the daemon died never was; one that it had committed was, told or not.
 */

import type { Change, Entry, Table, WriteOptions } from '@heddle/gcs';
import { MemoryStorage } from '../../packages/gcs/src/memory-storage.ts';
import type { JobRecord } from '../../packages/jobs/src/job-record.ts';
import type { Life } from './timeline.ts';
import type { World } from './world.ts';

const JOBS = 'jobs';

/** What outlives daemons. */
export class TableDisk {
  readonly storage = new MemoryStorage({ changeLogMax: 64 });
  /** As they were last read: nobody changes a record, so one is enough for each revision. */
  readonly #read = new Map<string, Entry<JobRecord>>();

  entries(): Entry<JobRecord>[] {
    return this.storage.list(JOBS).map((stored) => this.#toEntry(stored));
  }

  get(key: string): Entry<JobRecord> | undefined {
    const stored = this.storage.get(JOBS, key);
    return stored && this.#toEntry(stored);
  }

  #toEntry({ key, revision, text }: { key: string; revision: number; text: string }): Entry<JobRecord> {
    const known = this.#read.get(key);
    if (known?.revision === revision) return known;
    const entry = { key, revision, value: JSON.parse(text) as JobRecord };
    this.#read.set(key, entry);
    return entry;
  }
}

export class TableServer {
  readonly #world: World;
  readonly #disk: TableDisk;
  readonly #life: Life;
  readonly #watchers: { readonly life: Life; readonly told: (change: Change<JobRecord>) => void }[] = [];
  /** Requests arrive, and are done, in the order of asking. */
  #lastArrivalMs = 0;
  #lastDoneMs = 0;

  constructor(world: World, disk: TableDisk, life: Life) {
    this.#world = world;
    this.#disk = disk;
    this.#life = life;
  }

  /** The table for one thread. `forces`: the planted supervisor that writes in spite of a conflict. */
  connect(life: Life, forces = false): Table<JobRecord> {
    const ask = <T>(isWrite: boolean, work: () => T) => this.#ask(life, isWrite, work);
    return {
      name: JOBS,
      get: (key) => ask(false, () => this.#disk.get(key)),
      list: () => ask(false, () => this.#disk.entries()),
      snapshot: () => ask(false, () => ({ revision: this.#disk.storage.revision, entries: this.#disk.entries() })),
      put: (key, value, options) => ask(true, () => this.#put(key, value, options, forces)),
      delete: (key, options) => ask(true, () => this.#delete(key, options)),
      watch: () => {
        throw new Error('watched by `follow`');
      },
    };
  }

  /** Tells of every change from now on, in order, a moment later. */
  follow(life: Life, told: (change: Change<JobRecord>) => void): void {
    this.#watchers.push({ life, told });
  }

  #ask<T>(life: Life, isWrite: boolean, work: () => T): Promise<T> {
    const { timeline, random } = this.#world;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, timeline.nowMs + this.#world.latencyMs());
    const syncMs = isWrite ? random.between(0.5, 8) : 0;
    this.#lastDoneMs = Math.max(this.#lastDoneMs, this.#lastArrivalMs + syncMs);
    return new Promise((resolve, reject) => {
      timeline.after(this.#lastDoneMs - timeline.nowMs, this.#life, () => {
        let settle: () => void;
        try {
          const answer = work();
          settle = () => resolve(answer);
        } catch (error) {
          settle = () => reject(error);
        }
        timeline.after(this.#world.latencyMs(), life, settle);
      });
    });
  }

  #put(key: string, value: JobRecord, options: WriteOptions | undefined, forces: boolean): Entry<JobRecord> {
    const before = this.#disk.get(key);
    const isUnchecked = this.#world.has('no-cas') || (forces && before !== undefined);
    const expected = isUnchecked ? undefined : options?.expectedRevision;
    const revision = this.#disk.storage.put(JOBS, key, JSON.stringify(value), expected);
    const entry = this.#disk.get(key)!;
    this.#world.trace(() => `table: ${key} ${value.status} ${value.attemptId} at ${revision}`);
    this.#world.oracle.committed(before?.value, entry.value);
    this.#world.moment();
    this.#announce({ type: 'put', table: JOBS, key, revision, value: entry.value });
    return entry;
  }

  #delete(key: string, options: WriteOptions | undefined): boolean {
    const isThere = this.#disk.storage.delete(JOBS, key, options?.expectedRevision);
    if (isThere) {
      this.#world.trace(() => `table: ${key} deleted`);
      this.#announce({ type: 'delete', table: JOBS, key, revision: this.#disk.storage.revision });
    }
    return isThere;
  }

  #announce(change: Change<JobRecord>): void {
    for (const { life, told } of this.#watchers) this.#world.timeline.after(1, life, () => told(change));
  }
}
