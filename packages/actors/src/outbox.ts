import type { Transferable } from 'node:worker_threads';
import { type Definitions, Told } from './definitions.ts';
import { BATCH_BYTES_MAX, BATCH_FIELDS_MAX } from './link.ts';
import type { Batch } from './protocol.ts';

const NOTHING: readonly Transferable[] = [];

/**
 * Entries that wait to be sent, in batches: the last one open, those before it full.
 *
 * A batch that uses a shape or a class the peer does not know is preceded by a batch of definitions.
 */
export class Outbox {
  readonly #definitions: Definitions;
  readonly #told = new Told();
  #open: Batch = [];
  #openBytes = 0;
  #full: Batch[] = [];
  readonly #transfers = new Map<Batch, Transferable[]>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0 && this.#full.length === 0;
  }

  entry(): Batch {
    if (this.#open.length >= BATCH_FIELDS_MAX || this.#openBytes >= BATCH_BYTES_MAX) this.#seal();
    return this.#open;
  }

  addBytes(count: number): void {
    this.#openBytes += count;
  }

  addTransfers(transfers: readonly Transferable[]): void {
    const known = this.#transfers.get(this.#open);
    if (known === undefined) this.#transfers.set(this.#open, [...transfers]);
    else for (const each of transfers) known.push(each);
  }

  /** Whether a batch is full and waits. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** Whether something moves with the batch. */
  moves(batch: Batch): boolean {
    return this.#transfers.size > 0 && this.#transfers.has(batch);
  }

  /** What moves with a batch that is about to be posted. */
  takeTransfers(batch: Batch): readonly Transferable[] {
    if (this.#transfers.size === 0) return NOTHING;
    const transfers = this.#transfers.get(batch) ?? NOTHING;
    this.#transfers.delete(batch);
    return transfers;
  }

  /** The next batch to send, or undefined. */
  take(): Batch | undefined {
    if (this.#full.length > 0) return this.#full.shift();
    if (this.#open.length === 0) return undefined;
    const definitions = this.#told.next(this.#definitions);
    const batch = this.#takeOpen();
    if (definitions === undefined) return batch;
    this.#full.push(batch);
    return definitions;
  }

  #seal(): void {
    const definitions = this.#told.next(this.#definitions);
    if (definitions !== undefined) this.#full.push(definitions);
    this.#full.push(this.#takeOpen());
  }

  #takeOpen(): Batch {
    const batch = this.#open;
    this.#open = [];
    this.#openBytes = 0;
    return batch;
  }
}
