import { checkInteger, checkKnown } from '@heddle/base';
import type { Asker } from './asker.ts';
import type { StoredEntry } from './storage.ts';
import type { Change, Entry, Snapshot, Table, WatchOptions, WriteOptions } from './table.ts';
import { TableWatch } from './table-watch.ts';
import { checkName, decodeValue, encodeValue } from './value.ts';

/** One table, as a client reaches it. Whatever is wrong with an argument is found here, before anything is sent. */
export class RemoteTable<T> implements Table<T> {
  readonly name: string;
  readonly #client: Asker;

  constructor(client: Asker, name: string) {
    checkName('use a table', 'name', name);
    this.name = name;
    this.#client = client;
  }

  async get(key: string): Promise<Entry<T> | undefined> {
    const action = this.#action('read', key);
    const entry = await this.#client.ask(action, 'get', { table: this.name, key });
    return entry && toEntry<T>(entry);
  }

  async list(): Promise<Entry<T>[]> {
    return (await this.snapshot()).entries;
  }

  async snapshot(keep: (entry: Entry<T>) => boolean = () => true): Promise<Snapshot<T>> {
    const { revision, entries } = await this.#client.ask(`list table "${this.name}"`, 'list', { table: this.name });
    const kept: Entry<T>[] = [];
    for (const stored of entries) {
      const entry = toEntry<T>(stored);
      if (keep(entry)) kept.push(entry);
    }
    return { revision, entries: kept };
  }

  async put(key: string, value: T, options: WriteOptions = {}): Promise<Entry<T>> {
    const action = this.#action('put', key);
    const expectedRevision = checkWriteOptions(action, options);
    const text = encodeValue(action, value, this.#client.limits.valueLengthMax);
    const revision = await this.#client.ask(action, 'put', { table: this.name, key, text, expectedRevision });
    return toEntry<T>({ key, revision, text });
  }

  async delete(key: string, options: WriteOptions = {}): Promise<boolean> {
    const action = this.#action('delete', key);
    const expectedRevision = checkWriteOptions(action, options);
    return this.#client.ask(action, 'delete', { table: this.name, key, expectedRevision });
  }

  watch(options: WatchOptions = {}): AsyncIterableIterator<Change<T>> {
    const action = `watch table "${this.name}"`;
    checkKnown(action, options, ['fromRevision', 'signal']);
    if (options.fromRevision !== undefined) checkInteger(action, 'fromRevision', options.fromRevision, { min: 0 });
    return new TableWatch<T>(this.#client, this.name, options);
  }

  /** What is about to be done, for an error's message; refuses a key that cannot be one. */
  #action(verb: string, key: string): string {
    const action = `${verb} a record of table "${this.name}"`;
    checkName(action, 'key', key);
    return `${verb} record ${JSON.stringify(key)} of table "${this.name}"`;
  }
}

function checkWriteOptions(action: string, options: WriteOptions): number | undefined {
  checkKnown(action, options, ['expectedRevision']);
  const { expectedRevision } = options;
  if (expectedRevision !== undefined) checkInteger(action, 'expectedRevision', expectedRevision, { min: 0 });
  return expectedRevision;
}

const toEntry = <T>({ key, revision, text }: StoredEntry): Entry<T> => ({ key, revision, value: decodeValue<T>(text) });
