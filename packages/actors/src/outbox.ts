import { type Definitions, Told } from './definitions.ts';
import { BATCH_BYTES_MAX, BATCH_FIELDS_MAX } from './link.ts';
import type { Batch } from './protocol.ts';

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

  /** The next batch to send, or undefined. */
  take(): Batch | undefined {
    if (this.#full.length === 0 && this.#open.length > 0) this.#seal();
    return this.#full.shift();
  }

  #seal(): void {
    const definitions = this.#told.next(this.#definitions);
    if (definitions !== undefined) this.#full.push(definitions);
    this.#full.push(this.#open);
    this.#open = [];
    this.#openBytes = 0;
  }
}
