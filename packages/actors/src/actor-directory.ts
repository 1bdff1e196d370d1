/**
 * The records of all actors, by key, by incarnation and by name. Pure bookkeeping: it decides nothing.
 *
 * A name belongs to a record from its spawn until it is DEAD. Of the dead, the latest `DEAD_MAX` are kept for
 * the state API; an older one is as unknown as one that never was.
 */
import type { ActorRecord } from './actor-record.ts';
import { KeyTable } from './key-table.ts';
import type { ActorKey, CellKey } from './protocol.ts';

const DEAD_MAX = 1_000;

const NOBODY: readonly ActorRecord[] = [];

export class ActorDirectory {
  /** Under each key that leads to them. */
  readonly #records = new KeyTable<ActorRecord>();
  readonly #cells = new KeyTable<ActorRecord>();
  readonly #names = new Map<string, ActorRecord>();
  readonly #owned = new Map<ActorKey, Set<ActorRecord>>();
  readonly #dead: ActorRecord[] = [];
  /** The place of the oldest in `#dead`, once that is full. */
  #oldest = 0;
  #living = 0;

  /** How many live. */
  get size(): number {
    return this.#living;
  }

  /** Those that live now, mostly in the order of their making. */
  living(): ActorRecord[] {
    const living: ActorRecord[] = [];
    for (const [key, record] of this.#records.entries()) if (record.actor === key) living.push(record);
    return living;
  }

  /** The living, and the dead that are remembered, oldest first. */
  all(): ActorRecord[] {
    return [...this.living(), ...this.#dead.slice(this.#oldest), ...this.#dead.slice(0, this.#oldest)];
  }

  get(actor: ActorKey): ActorRecord | undefined {
    return this.#records.get(actor);
  }

  byCell(cell: CellKey): ActorRecord | undefined {
    return this.#cells.get(cell);
  }

  byName(name: string, namespace: string): ActorRecord | undefined {
    return this.#names.get(nameKey(name, namespace));
  }

  named(): ActorRecord[] {
    return [...this.#names.values()];
  }

  /** A dead actor's record, while it is remembered. */
  dead(actor: ActorKey): ActorRecord | undefined {
    return this.#dead.find((record) => record.actor === actor || record.aliases.includes(actor));
  }

  /** The living actors that this one made. */
  ownedBy(actor: ActorKey): readonly ActorRecord[] {
    const owned = this.#owned.get(actor);
    return owned === undefined ? NOBODY : [...owned];
  }

  /** Adds a record and takes its name. False when the name is taken; then nothing has changed. */
  add(record: ActorRecord): boolean {
    const { name } = record.options;
    if (name !== undefined) {
      if (this.byName(name, record.namespace) !== undefined) return false;
      this.#names.set(nameKey(name, record.namespace), record);
    }
    this.#records.set(record.actor, record);
    this.#living++;
    if (record.owner !== undefined) {
      const siblings = this.#owned.get(record.owner);
      if (siblings === undefined) this.#owned.set(record.owner, new Set([record]));
      else siblings.add(record);
    }
    return true;
  }

  /** Makes `actor` one more key of a living record. */
  alias(actor: ActorKey, record: ActorRecord): void {
    record.aliases = [...record.aliases, actor];
    this.#records.set(actor, record);
  }

  setCell(record: ActorRecord, cell: CellKey): void {
    if (record.cell !== -1) this.#cells.delete(record.cell);
    record.cell = cell;
    this.#cells.set(cell, record);
  }

  /** Takes a DEAD record out: its name is free. */
  bury(record: ActorRecord): void {
    if (this.#records.get(record.actor) === record) this.#remove(record);
    if (this.#dead.length < DEAD_MAX) this.#dead.push(record);
    else {
      this.#dead[this.#oldest] = record;
      this.#oldest = (this.#oldest + 1) % DEAD_MAX;
    }
  }

  #remove(record: ActorRecord): void {
    this.#living--;
    this.#records.delete(record.actor);
    for (const alias of record.aliases) this.#records.delete(alias);
    if (record.cell !== -1) this.#cells.delete(record.cell);
    const { name } = record.options;
    if (name !== undefined) this.#names.delete(nameKey(name, record.namespace));
    if (record.owner !== undefined) this.#owned.get(record.owner)?.delete(record);
    this.#owned.delete(record.actor);
  }
}

const nameKey = (name: string, namespace: string): string => `${namespace}\u0000${name}`;
