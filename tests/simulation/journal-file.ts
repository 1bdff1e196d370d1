/**
 * The launcher's journal over a disk that keeps what was synced and may lose what was not.
 *
 * The bytes are the product's (`journal-codec.ts`), and so is the order of steps: all records of a turn in one write,
 * a fact is told when it is written, a claim when it is synced, and a file that has grown is replaced.
 */
import { decodeJournal, encodeRecord } from '../../packages/launcher/src/journal-codec.ts';
import type { JournalRecord } from '../../packages/launcher/src/journal-record.ts';
import type { Life } from './timeline.ts';
import type { World } from './world.ts';

const HEAD = { journal: 1 };
/** Small, so that many schedules have a replacement in them. */
const RECORDS_MAX = 12;

/** What outlives launchers. */
export class JournalFile {
  #bytes: Buffer = Buffer.alloc(0);
  #synced = 0;
  /** The file before its replacement, until the directory is synced. */
  #former: Buffer | undefined;

  /** What is there to read. */
  read(): JournalRecord[] {
    return decodeJournal(this.#bytes).records.slice(1) as JournalRecord[];
  }

  append(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  sync(): void {
    this.#synced = this.#bytes.length;
  }

  replace(bytes: Buffer): void {
    this.#former = this.#bytes.subarray(0, this.#synced);
    this.#bytes = bytes;
    this.#synced = bytes.length;
  }

  syncDirectory(): void {
    this.#former = undefined;
  }

  /** The power fails: of what was not synced, any beginning is left. */
  losePower(world: World): void {
    if (this.#former !== undefined && world.random.chance(0.5)) this.#bytes = this.#former;
    else this.#bytes = this.#bytes.subarray(0, world.random.between(this.#synced, this.#bytes.length + 1));
    this.#synced = this.#bytes.length;
    this.#former = undefined;
  }
}

interface Waiting {
  readonly record: JournalRecord;
  readonly isClaim: boolean;
  readonly done: PromiseWithResolvers<void>;
}

export class SimJournal {
  readonly #world: World;
  readonly #file: JournalFile;
  readonly #life: Life;
  readonly #snapshot: () => readonly JournalRecord[];
  #seq = 0;
  #durableSeq = 0;
  #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(world: World, file: JournalFile, life: Life, snapshot: () => readonly JournalRecord[]) {
    this.#world = world;
    this.#file = file;
    this.#life = life;
    this.#snapshot = snapshot;
  }

  /** Begins with a new file. */
  async start(): Promise<void> {
    await this.#replaceFile();
  }

  append(record: JournalRecord, kind: 'claim' | 'fact' = 'fact'): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ record, isClaim: kind === 'claim', done });
    if (!this.#isWorking) void this.#work();
    return done.promise;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    await this.#step(0);
    while (this.#waiting.length > 0) {
      if (this.#seq > RECORDS_MAX) await this.#replaceFile();
      else await this.#write();
    }
    this.#isWorking = false;
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const bytes = Buffer.concat(batch.map(({ record }) => encodeRecord(record, ++this.#seq, this.#durableSeq)));
    await this.#step(1);
    this.#file.append(bytes);
    for (const { isClaim, done } of batch) if (!isClaim) done.resolve();
    await this.#step(8);
    this.#file.sync();
    this.#durableSeq = this.#seq;
    for (const { isClaim, done } of batch) if (isClaim) done.resolve();
  }

  async #replaceFile(): Promise<void> {
    const facts = new Set(this.#waiting.filter(({ isClaim }) => !isClaim));
    const records = [HEAD, ...this.#snapshot()];
    const bytes = Buffer.concat(records.map((record, index) => encodeRecord(record, index + 1, 0)));
    await this.#step(8);
    this.#file.replace(bytes);
    this.#seq = this.#durableSeq = records.length;
    await this.#step(8);
    this.#file.syncDirectory();
    this.#waiting = this.#waiting.filter((each) => !facts.has(each));
    for (const { done } of facts) done.resolve();
    if (this.#seq > RECORDS_MAX && this.#waiting.length > 0) await this.#write(); // So much matters.
  }

  #step(mostMs: number): Promise<void> {
    return this.#world.timeline.pause(this.#world.random.between(0, mostMs), this.#life);
  }
}
