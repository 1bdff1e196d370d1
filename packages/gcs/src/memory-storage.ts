/**
 * Tables in this process's memory: gone with it. For runtimes that need not remember, and for tests.
 *
 * Nothing here can fail halfway, so a transaction has nothing to undo.
 */
import { StorageError } from './errors.ts';
import {
  type ChangePage,
  changeLogLimit,
  checkReach,
  checkRevision,
  type Storage,
  type StoredChange,
  type StoredEntry,
  takePage,
} from './storage.ts';

interface LoggedChange extends StoredChange {
  readonly table: string;
}

export class MemoryStorage implements Storage {
  /** A map keeps the order in which its keys were added: the order of creation. */
  readonly #tables = new Map<string, Map<string, StoredEntry>>();
  readonly #changeLogMax: number;
  /** The newest changes of all tables, one for each revision up to the latest. */
  #log: LoggedChange[] = [];
  readonly #compacted = new Map<string, number>();
  #revision = 0;

  constructor(options: { readonly changeLogMax: number }) {
    this.#changeLogMax = options.changeLogMax;
  }

  get revision(): number {
    return this.#revision;
  }

  get(table: string, key: string): StoredEntry | undefined {
    return this.#tables.get(table)?.get(key);
  }

  list(table: string): StoredEntry[] {
    return [...(this.#tables.get(table)?.values() ?? [])];
  }

  changes(table: string, after: number): ChangePage {
    checkReach(table, after, this.#compacted.get(table));
    return takePage(this.#logged(table, after), Math.max(after, this.#revision));
  }

  put(table: string, key: string, text: string, expectedRevision: number | undefined): number {
    const entries = this.#tables.get(table) ?? new Map<string, StoredEntry>();
    checkRevision(table, key, expectedRevision, entries.get(key)?.revision ?? 0);
    const revision = this.#append(table, key, text);
    this.#tables.set(table, entries.set(key, { key, revision, text }));
    return revision;
  }

  delete(table: string, key: string, expectedRevision: number | undefined): boolean {
    const entries = this.#tables.get(table);
    const entry = entries?.get(key);
    if (entries === undefined || entry === undefined) return false;
    checkRevision(table, key, expectedRevision, entry.revision);
    entries.delete(key);
    if (entries.size === 0) this.#tables.delete(table);
    this.#append(table, key, null);
    return true;
  }

  async backup(file: string): Promise<void> {
    throw new StorageError(`Cannot back up to "${file}": the tables are in memory`, { isFinal: false });
  }

  transaction<T>(work: () => T): T {
    return work();
  }

  [Symbol.dispose](): void {
    this.#tables.clear();
    this.#log = [];
  }

  #append(table: string, key: string, text: string | null): number {
    const revision = ++this.#revision;
    this.#log.push({ table, key, revision, text });
    if (this.#log.length > changeLogLimit(this.#changeLogMax)) this.#compact();
    return revision;
  }

  #compact(): void {
    const dropped = this.#log.splice(0, this.#log.length - this.#changeLogMax);
    for (const { table, revision } of dropped) this.#compacted.set(table, revision);
  }

  *#logged(table: string, after: number): Iterable<StoredChange> {
    const first = this.#revision - this.#log.length + 1;
    for (let index = Math.max(0, after + 1 - first); index < this.#log.length; index++) {
      const change = this.#log[index]!;
      if (change.table === table) yield { key: change.key, revision: change.revision, text: change.text };
    }
  }
}
