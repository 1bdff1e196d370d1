/**
 * A `Gcs` for a test, and the proof that nothing of it is left: no thread, no file but the tables' own.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '@heddle/base';
import { type ConnectionOptions, connectGcs, type Gcs, openGcs, type StorageOptions } from '../index.ts';

export type Limits = ConnectionOptions & StorageOptions;

/** One way to reach tables: which storage, and whether over a further port. */
export interface Kind {
  readonly name: string;
  readonly storage: 'memory' | 'sqlite';
  readonly overPort: boolean;
}

export const KINDS: readonly Kind[] = [
  { name: 'memory', storage: 'memory', overPort: false },
  { name: 'memory over a port', storage: 'memory', overPort: true },
  { name: 'SQLite', storage: 'sqlite', overPort: false },
  { name: 'SQLite over a port', storage: 'sqlite', overPort: true },
];

/** A directory for the tables' file, removed at the end. Owns what `own` is given, and ends it before. */
export class GcsHarness implements AsyncDisposable {
  readonly directory: string;
  readonly #scope = new Scope();

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<GcsHarness> {
    return new GcsHarness(await mkdtemp(join(tmpdir(), 'heddle-gcs-')));
  }

  get file(): string {
    return join(this.directory, 'state.db');
  }

  own<T extends AsyncDisposable>(thing: T): T {
    return this.#scope.own(thing);
  }

  /** Owned by the harness; a test may dispose it earlier. */
  async open(storage: Kind['storage'] = 'sqlite', limits: Limits = {}): Promise<Gcs> {
    return this.own(
      await openGcs(storage === 'memory' ? { storage, ...limits } : { storage, file: this.file, ...limits }),
    );
  }

  /** The tables as this kind of user has them, and as the one who opened them. */
  async reach(kind: Kind, limits: Limits = {}): Promise<{ gcs: Gcs; opener: Gcs }> {
    const opener = await this.open(kind.storage, limits);
    const { changeLogMax: _, ...connection } = limits;
    return { opener, gcs: kind.overPort ? this.own(connectGcs(opener.connect(), connection)) : opener };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#scope[Symbol.asyncDispose]();
      assert.equal(threadCount(), 0, 'a storage thread is left');
      const left = (await readdir(this.directory)).filter((name) => name !== 'state.db');
      assert.deepEqual(left, [], 'files are left beside the tables');
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Worker threads of this process that are alive. */
export function threadCount(): number {
  Object.assign(process.report, { excludeNetwork: true }); // Looking up the names of peers takes long.
  const report = process.report.getReport() as unknown as { workers: unknown[] };
  return report.workers.length;
}
