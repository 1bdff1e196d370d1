/** Of all that are empty: most are, most of the time. Nothing is ever added to it. */
const NOTHING: unknown[] = [];

/**
 * The calls waiting for one actor in its thread, oldest first.
 *
 * It is bounded from outside: each caller may have `maxPendingCalls` on their way. The mailbox never runs
 * anything; `ActorCell` takes from it when the actor has room.
 */
export class Mailbox<T> {
  #items: T[] = NOTHING as T[];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  post(item: T): void {
    if (this.#items === NOTHING) this.#items = [];
    this.#items.push(item);
  }

  take(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head]!;
    this.#items[this.#head++] = undefined as T;
    if (this.#head === this.#items.length) {
      this.#items = NOTHING as T[];
      this.#head = 0;
    }
    return item;
  }

  /** Takes the first item out that `isMeant`, wherever it waits. */
  remove(isMeant: (item: T) => boolean): T | undefined {
    const at = this.#items.findIndex((item, index) => index >= this.#head && isMeant(item));
    return at === -1 ? undefined : this.#items.splice(at, 1)[0];
  }

  /** Empties the mailbox. The caller now owns the items and owes each an answer. */
  drain(): T[] {
    const items = this.#items.slice(this.#head);
    this.#items = NOTHING as T[];
    this.#head = 0;
    return items;
  }
}
