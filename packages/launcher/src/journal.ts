/**
 * The launcher's memory that survives it: an append-only file, one write and one fsync for all records of a turn.
 *
 * It is written ahead: behind the records lies at least 1 MiB of NUL bytes that the file system has already given,
 * and 4 KiB for each running job, so that a disk that fills up cannot keep an exit from being recorded. A claim for
 * which there is no such room is refused; facts are never refused.
 *
 * When 1 MiB has been appended the file is replaced by what still matters (`journal.tmp`, fsync, rename, fsync of
 * the directory). After a failed write or fsync nothing is known of the file's end, so nothing more is appended:
 * what still matters is in the caller's memory, and replacing the file is tried again every second until it works.
 *
 * It knows bytes and records, not attempts: `snapshot` gives what a new file has to say. The caller changes its own
 * state first and appends then, in the same turn, so that a snapshot is never behind what was appended.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '@heddle/base';
import { type Disk, nodeDisk } from './disk.ts';
import { Failure, messageOf, systemCodeOf } from './failure.ts';
import { faultPoint } from './fault-point.ts';
import { decodeJournal, encodeRecord } from './journal-codec.ts';
import type { JournalRecord } from './journal-record.ts';
import type { JournalStats } from './launcher-status.ts';
import { nextTurn } from './turn.ts';

const JOURNAL_VERSION = 1;

/** Appended since the last rewrite before the file is rewritten. */
const REWRITE_BYTES = 1024 * 1024;
/** Written ahead at least, and again when it is used up. */
const AHEAD_BYTES = 1024 * 1024;
const AHEAD_BYTES_PER_JOB = 4 * 1024;
const RETRY_MS = 1000;
const NUL_BYTES = Buffer.alloc(64 * 1024);

export interface JournalOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly disk?: Disk;
  /** Everything that a new file has to say. Called in one turn, never in the middle of a change. */
  readonly snapshot: () => readonly JournalRecord[];
  /** Jobs whose exits will need room. */
  readonly runningJobs: () => number;
  /** Called when the journal begins to fail, and with undefined when it works again. */
  readonly onHealth?: (failure: string | undefined) => void;
  /** Called when all that was appended has become durable. */
  readonly onSaved?: () => void;
}

interface Waiting {
  readonly record: JournalRecord;
  readonly isClaim: boolean;
  readonly done: PromiseWithResolvers<void>;
}

/** What a journal file said, for the launcher that comes after the one that wrote it. */
export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** The last write had not been finished. */
  readonly torn: boolean;
}

/**
 * Reads a journal without touching it. A file that is not there has nothing to say.
 *
 * @throws Failure JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function readJournal(path: string): ReadJournal {
  const bytes = readIfThere(path);
  if (bytes === undefined) return { records: [], torn: false };
  const { records, torn } = decodeJournal(bytes);
  const [head, ...rest] = records as [{ readonly journal: number } | undefined, ...JournalRecord[]];
  if (head !== undefined && head.journal !== JOURNAL_VERSION) {
    throw new Failure(
      'JOURNAL_TOO_NEW',
      `Cannot read the journal: it has version ${head.journal}, this launcher knows version ${JOURNAL_VERSION}`,
      { version: head.journal },
    );
  }
  return { records: rest, torn };
}

/** An older launcher that leaves removes its journal, perhaps in the moment in which it is read. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #disk: Disk;
  #fd: number | undefined;
  #seq = 0;
  #durableSeq = 0;
  /** Where the next record goes, where the file ends, and where it is to be rewritten. */
  #end = 0;
  #size = 0;
  #rewriteAt = 0;
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #isWriting = false;
  #failure: string | undefined;
  /** A fact came while a failing file was being replaced, perhaps too late for it. */
  #isBehind = false;
  #retry: Timer | undefined;
  #syncs = 0;
  #rewrites = 0;
  #isClosed = false;

  /** Nothing is written yet: `start` does. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
  }

  get stats(): JournalStats {
    return {
      bytes: this.#end,
      aheadBytes: this.#size - this.#end,
      syncs: this.#syncs,
      rewrites: this.#rewrites,
      failure: this.#failure ?? null,
    };
  }

  /** Whether everything that was appended is durable. */
  get isSaved(): boolean {
    return this.#failure === undefined && this.#waiting.length === 0 && !this.#isWriting;
  }

  /** Writes a new file with what `snapshot` gives. Never rejects: a disk that fails is tried again. */
  async start(): Promise<void> {
    this.#disk.remove(this.#passingPath);
    await this.#rewriteOrFail();
  }

  /**
   * Makes `record` durable, together with all that was appended in this turn or while an fsync went on.
   *
   * A claim's promise resolves when it is durable: it allows what must not happen twice. Any other fact has happened,
   * and its promise resolves when the system has the bytes: from then on it outlives this process, however that ends.
   * A power cut ends its job too, and takes no exit that the daemon has not made durable itself.
   *
   * Rejects when it could not be written. A claim is then void, and its caller forgets it; any other fact stays
   * in the caller's snapshot and will be written when the disk works again.
   */
  append(record: JournalRecord, kind: 'claim' | 'fact' = 'fact'): Promise<void> {
    const done = Promise.withResolvers<void>();
    if (this.#failure !== undefined) {
      this.#isBehind = true;
      done.reject(new Error(this.#failure));
      return done.promise;
    }
    this.#waiting.push({ record, isClaim: kind === 'claim', done });
    this.#work();
    return done.promise;
  }

  /** Waits for what is being written and lets go of the file. `remove`: it says nothing that matters any more. */
  async close(options: { remove: boolean }): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    await this.#working;
    if (this.#fd !== undefined) await this.#disk.close(this.#fd);
    this.#fd = undefined;
    if (options.remove) this.#disk.remove(this.#options.path);
  }

  get #passingPath(): string {
    return `${this.#options.path}.tmp`;
  }

  #work(): void {
    this.#working ??= this.#writeAll();
  }

  /** Begins at the end of the turn, so that all its records share one fsync. Never rejects. */
  async #writeAll(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      if (this.#end >= this.#rewriteAt) await this.#tryRewrite();
      const hasRoom = !this.#waiting.some(({ isClaim }) => isClaim) || (await this.#makeRoom());
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#write(hasRoom ? batch : refuseClaims(batch));
    }
    this.#working = undefined; // In the turn in which nothing was found waiting, so that nobody waits unseen.
    if (this.isSaved) this.#options.onSaved?.();
  }

  /** If there is no room for a new file, the present one will do for another while. */
  async #tryRewrite(): Promise<void> {
    let waiting: ReadonlySet<Waiting>;
    try {
      waiting = await this.#replaceFile();
    } catch {
      this.#rewriteAt = this.#end + REWRITE_BYTES;
      return;
    }
    await this.#confirmFile(waiting).catch((error: unknown) => this.#fail(error, []));
  }

  /** Whether a claim may be taken: there is room for the exits of all jobs, these included. */
  async #makeRoom(): Promise<boolean> {
    const needed = AHEAD_BYTES_PER_JOB * (this.#options.runningJobs() + 1);
    if (this.#size - this.#end >= needed) return true;
    try {
      const size = this.#size + Math.max(AHEAD_BYTES, 2 * needed);
      await this.#writeAhead(this.#fd!, this.#size, size);
      await this.#disk.sync(this.#fd!);
      this.#syncs++;
      this.#size = size;
      return true;
    } catch {
      return false; // What is there already is kept for facts.
    }
  }

  async #writeAhead(fd: number, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += NUL_BYTES.length)
      await this.#disk.write(fd, NUL_BYTES.subarray(0, Math.min(NUL_BYTES.length, to - at)), at);
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const bytes = Buffer.concat(batch.map(({ record }) => encodeRecord(record, ++this.#seq, this.#durableSeq)));
    this.#isWriting = true;
    try {
      await this.#disk.write(this.#fd!, bytes, this.#end);
      for (const { isClaim, done } of batch) if (!isClaim) done.resolve();
      await this.#disk.syncData(this.#fd!);
      this.#syncs++;
    } catch (error) {
      this.#fail(error, batch);
      return;
    } finally {
      this.#isWriting = false;
    }
    this.#durableSeq = this.#seq;
    this.#end += bytes.length;
    this.#size = Math.max(this.#size, this.#end);
    for (const { done } of batch) done.resolve();
  }

  /** After this nothing is appended until a rewrite has worked. */
  #fail(error: unknown, batch: readonly Waiting[]): void {
    if (this.#failure === undefined) this.#options.onHealth?.(messageOf(error));
    this.#failure = messageOf(error);
    for (const { done } of [...batch, ...this.#waiting]) done.reject(error);
    this.#waiting = [];
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    this.#retry = this.#options.clock.after(RETRY_MS, () => {
      this.#working = this.#rewriteOrFail();
    });
  }

  /** Begins anew with a new file, or fails and will be tried again. Never rejects. */
  async #rewriteOrFail(): Promise<void> {
    try {
      do {
        this.#isBehind = false;
        await this.#confirmFile(await this.#replaceFile());
      } while (this.#isBehind);
      if (this.#failure !== undefined) this.#options.onHealth?.(undefined);
      this.#failure = undefined;
    } catch (error) {
      this.#fail(error, []);
    }
    this.#working = undefined;
  }

  /**
   * Puts a new file in the journal's place. Rejects when it could not be made: the present one is as good as before.
   * Gives the facts that wait: the new file says them. Claims are written afterwards, if there is room.
   */
  async #replaceFile(): Promise<ReadonlySet<Waiting>> {
    const waiting = new Set(this.#waiting.filter(({ isClaim }) => !isClaim));
    const records = [{ journal: JOURNAL_VERSION }, ...this.#options.snapshot()];
    const bytes = Buffer.concat(records.map((record, index) => encodeRecord(record, index + 1, 0)));
    const ahead = Math.max(REWRITE_BYTES + AHEAD_BYTES, 2 * AHEAD_BYTES_PER_JOB * this.#options.runningJobs());

    const fd = await this.#disk.create(this.#passingPath);
    try {
      await this.#disk.write(fd, bytes, 0);
      await this.#writeAhead(fd, bytes.length, bytes.length + ahead);
      await this.#disk.sync(fd);
      faultPoint('K20');
      await this.#disk.rename(this.#passingPath, this.#options.path);
      faultPoint('K21');
    } catch (error) {
      await this.#disk.close(fd);
      this.#disk.remove(this.#passingPath);
      throw error;
    }
    const old = this.#fd;
    this.#fd = fd;
    this.#seq = this.#durableSeq = records.length;
    this.#end = bytes.length;
    this.#size = bytes.length + ahead;
    this.#rewriteAt = bytes.length + REWRITE_BYTES;
    this.#syncs++;
    this.#rewrites++;
    if (old !== undefined) await this.#disk.close(old);
    return waiting;
  }

  /**
   * Makes sure that a crash does not bring the old file back. Rejects when that is not sure: nothing may be appended
   * to the new one then, for the old one does not have it.
   */
  async #confirmFile(waiting: ReadonlySet<Waiting>): Promise<void> {
    await this.#disk.syncDirectory(dirname(this.#options.path));
    this.#syncs++;
    this.#waiting = this.#waiting.filter((each) => !waiting.has(each));
    for (const { done } of waiting) done.resolve();
  }
}

function refuseClaims(batch: readonly Waiting[]): Waiting[] {
  const full = new Error('no room is left on its disk');
  for (const { isClaim, done } of batch) if (isClaim) done.reject(full);
  return batch.filter(({ isClaim }) => !isClaim);
}
