/**
 * The jobs table with the rules of a job's life: every change is a compare-and-set of one record, made from
 * what the record is now, and made again when somebody else was faster.
 *
 * All methods are safe to repeat, and resolve only when the change is durable.
 */
import { type Change, type Entry, RevisionConflictError, type Snapshot, type Table } from '@heddle/gcs';
import { fromStored, type JobRecord } from './job-record.ts';

export type JobEntry = Entry<JobRecord>;

/** The name of the table in the GCS. */
export const JOBS_TABLE = 'jobs';

export class JobRecords {
  readonly #table: Table<JobRecord>;

  constructor(table: Table<JobRecord>) {
    this.#table = table;
  }

  async get(submissionId: string): Promise<JobEntry | undefined> {
    const entry = await this.#table.get(submissionId);
    return entry && complete(entry);
  }

  /** All jobs, in the order of their submission. */
  async list(): Promise<JobEntry[]> {
    return (await this.#table.list()).map(complete);
  }

  /** The same, with the revision to watch from. `keep` is shown each and says whether the snapshot is to hold it. */
  async snapshot(keep: (entry: JobEntry) => boolean): Promise<Snapshot<JobRecord>> {
    const { revision, entries } = await this.#table.snapshot((entry) => keep(complete(entry)));
    return { revision, entries: entries.map(complete) };
  }

  /** Every change after a revision, then live. Ends with its signal; fails when it has fallen too far behind. */
  async *watch(fromRevision: number, signal: AbortSignal): AsyncGenerator<Change<JobRecord>, void, void> {
    for await (const change of this.#table.watch({ fromRevision, signal }))
      yield change.type === 'put' ? { ...change, value: fromStored(change.value) } : change;
  }

  /** Claims the id. Of two who do, exactly one succeeds; the other gets undefined. */
  async create(record: JobRecord): Promise<JobEntry | undefined> {
    try {
      return await this.#table.put(record.submissionId, record, { expectedRevision: 0 });
    } catch (error) {
      if (error instanceof RevisionConflictError) return undefined;
      throw error;
    }
  }

  /**
   * Puts `next` of the record in its place, starting from `known`, which may be stale. Undefined from `next`
   * leaves the record as it is. Gives the record as it then stands, and whether this call changed it.
   */
  async change(
    submissionId: string,
    next: (record: JobRecord) => JobRecord | undefined,
    known?: JobEntry,
  ): Promise<{ readonly entry: JobEntry | undefined; readonly changed: boolean }> {
    for (let entry = known ?? (await this.get(submissionId)); ; entry = await this.get(submissionId)) {
      const record = entry === undefined ? undefined : next(entry.value);
      if (entry === undefined || record === undefined) return { entry, changed: false };
      try {
        const changed = await this.#table.put(submissionId, record, { expectedRevision: entry.revision });
        return { entry: changed, changed: true };
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error;
      }
    }
  }

  /** Removes exactly this state of the record; false if it has changed or is gone. */
  async delete(entry: JobEntry): Promise<boolean> {
    try {
      return await this.#table.delete(entry.key, { expectedRevision: entry.revision });
    } catch (error) {
      if (error instanceof RevisionConflictError) return false;
      throw error;
    }
  }
}

function complete(entry: JobEntry): JobEntry {
  const value = fromStored(entry.value);
  return value === entry.value ? entry : { ...entry, value };
}
