/** The latest `limit` items. */
export class Ring<T> {
  readonly #limit: number;
  #items: T[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: T): void {
    if (this.#items.length < this.#limit) this.#items.push(item);
    else this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Oldest first. */
  get items(): T[] {
    return this.#items.length < this.#limit
      ? [...this.#items]
      : [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
