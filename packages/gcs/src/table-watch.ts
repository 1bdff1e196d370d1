/**
 * One watcher of one table: reads the change log page by page, and asks for the next page when it has given the last
 * change of this one. The server answers when there is something to tell, so nobody polls, and a slow reader holds one
 * page.
 */
import type { Asked, Asker, Ending } from './asker.ts';
import { GcsClosedError } from './errors.ts';
import type { StoredChange } from './storage.ts';
import type { Change, WatchOptions } from './table.ts';
import { decodeValue } from './value.ts';

const EMPTY: readonly StoredChange[] = [];

export class TableWatch<T> implements AsyncIterableIterator<Change<T>>, Ending {
  readonly #client: Asker;
  readonly #table: string;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.end();
  #changes = EMPTY;
  #at = 0;
  #after: number | undefined;
  #asked: Asked<'watch'> | undefined;
  #isOver = false;
  /** Two `next` that do not wait for one another get two changes, in order. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Asker, table: string, options: WatchOptions) {
    this.#client = client;
    this.#table = table;
    this.#after = options.fromRevision;
    this.#signal = options.signal;
    if (this.#signal?.aborted) {
      this.#isOver = true;
      return;
    }
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    client.hold(this);
    this.#asked = this.#ask(); // Now, and not at the first `next`: a list asked for after this misses nothing.
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Change<T>, undefined>> {
    const step = this.#last.then(() => this.#next());
    this.#last = step.catch(() => {});
    return step;
  }

  async return(): Promise<IteratorResult<Change<T>, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  async #next(): Promise<IteratorResult<Change<T>, undefined>> {
    while (!this.#isOver) {
      const change = this.#changes[this.#at++];
      if (change !== undefined) return { done: false, value: this.#toChange(change) };
      await this.#turnPage();
    }
    return { done: true, value: undefined };
  }

  async #turnPage(): Promise<void> {
    this.#asked ??= this.#ask();
    try {
      const page = await this.#asked.answer;
      if (this.#isOver || page === undefined) return;
      this.#asked = undefined;
      this.#changes = page.changes;
      this.#at = 0;
      this.#after = page.revision;
    } catch (error) {
      this.end();
      if (!(error instanceof GcsClosedError)) throw error;
    }
  }

  #ask(): Asked<'watch'> {
    const fields = { table: this.#table, after: this.#after };
    const asked = this.#client.askCancellable(`watch table "${this.#table}"`, 'watch', fields);
    asked.answer.catch(() => {}); // Told by the next `next`, should there be one.
    return asked;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#changes = EMPTY;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#client.letGo(this);
    this.#asked?.cancel();
  }

  #toChange({ key, revision, text }: StoredChange): Change<T> {
    const table = this.#table;
    if (text === null) return { type: 'delete', table, key, revision };
    return { type: 'put', table, key, revision, value: decodeValue<T>(text) };
  }
}
