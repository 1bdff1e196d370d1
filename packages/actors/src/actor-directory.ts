/**
 * The records of all actors, by key, by incarnation and by name. Pure bookkeeping: it decides nothing.
 *
 * A name belongs to a record from its spawn until it is DEAD. Of the dead, the latest `DEAD_MAX` are kept for
 * the state API; an older one is as unknown as one that never was.
 */
import type { ActorRecord } from './actor-record.ts';
import type { ActorKey, CellKey } from './protocol.ts';

const DEAD_MAX = 1_000;

export class ActorDirectory {
  readonly #records = new Map<ActorKey, ActorRecord>();
  readonly #living = new Set<ActorRecord>();
  readonly #cells = new Map<CellKey, ActorRecord>();
  readonly #names = new Map<string, ActorRecord>();
  readonly #owned = new Map<ActorKey, Set<ActorRecord>>();
  /** Oldest first. */
  readonly #dead = new Set<ActorRecord>();

  get living(): ReadonlySet<ActorRecord> {
    return this.#living;
  }

  get all(): ActorRecord[] {
    return [...this.#living, ...this.#dead];
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
    return this.#dead.values().find((record) => record.actor === actor || record.aliases.includes(actor));
  }

  /** The living actors that this one made. */
  ownedBy(actor: ActorKey): ActorRecord[] {
    return [...(this.#owned.get(actor) ?? [])];
  }

  /** Adds a record and takes its name. False when the name is taken; then nothing has changed. */
  add(record: ActorRecord): boolean {
    const { name } = record.options;
    if (name !== undefined) {
      if (this.byName(name, record.namespace) !== undefined) return false;
      this.#names.set(nameKey(name, record.namespace), record);
    }
    this.#records.set(record.actor, record);
    this.#living.add(record);
    if (record.owner !== undefined) {
      const siblings = this.#owned.get(record.owner);
      if (siblings === undefined) this.#owned.set(record.owner, new Set([record]));
      else siblings.add(record);
    }
    return true;
  }

  /** Makes `actor` one more key of a living record. */
  alias(actor: ActorKey, record: ActorRecord): void {
    record.aliases.push(actor);
    this.#records.set(actor, record);
  }

  setCell(record: ActorRecord, cell: CellKey): void {
    this.#cells.delete(record.cell);
    record.cell = cell;
    this.#cells.set(cell, record);
  }

  /** Takes a DEAD record out: its name is free. */
  bury(record: ActorRecord): void {
    this.#living.delete(record);
    this.#records.delete(record.actor);
    for (const alias of record.aliases) this.#records.delete(alias);
    this.#cells.delete(record.cell);
    const { name } = record.options;
    if (name !== undefined && this.byName(name, record.namespace) === record)
      this.#names.delete(nameKey(name, record.namespace));
    if (record.owner !== undefined) this.#owned.get(record.owner)?.delete(record);
    this.#owned.delete(record.actor);
    this.#dead.add(record);
    if (this.#dead.size > DEAD_MAX) this.#dead.delete(this.#dead.values().next().value!);
  }
}

const nameKey = (name: string, namespace: string): string => `${namespace}\u0000${name}`;
