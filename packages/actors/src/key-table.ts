/**
 * A table by whole numbers that are given out one after another, such as the keys of actors and of their incarnations.
 *
 * Neighbours in number stand beside each other in pages of `PAGE`, so an entry costs one word and looking up keys in
 * turn stays in the processor's caches; in a `Map` it costs about fifty bytes and, among a million, a walk through
 * memory. A page goes with the last of its entries; one that is left holds its page, 2 KB at most.
 */
const PAGE = 256;

interface Page<T> {
  readonly items: (T | undefined)[];
  count: number;
}

export class KeyTable<T extends object> {
  readonly #pages = new Map<number, Page<T>>();
  /** Where the last look-up was: mostly the next one is there too. */
  #nearNumber = -1;
  #near: Page<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): T | undefined {
    return this.#pageOf(key)?.items[key % PAGE];
  }

  set(key: number, item: T): void {
    const page = this.#pageOf(key) ?? this.#addPage(key);
    const place = key % PAGE;
    if (page.items[place] === undefined) {
      page.count++;
      this.#size++;
    }
    page.items[place] = item;
  }

  /** Whether there was one. */
  delete(key: number): boolean {
    const page = this.#pageOf(key);
    const place = key % PAGE;
    if (page?.items[place] === undefined) return false;
    page.items[place] = undefined;
    this.#size--;
    if (--page.count === 0) this.#removePage(key);
    return true;
  }

  /** All entries: page by page in the order in which the pages were begun, and by number within them. */
  *entries(): Generator<[number, T]> {
    for (const [number, { items }] of this.#pages)
      for (let place = 0; place < PAGE; place++) {
        const item = items[place];
        if (item !== undefined) yield [number * PAGE + place, item];
      }
  }

  #pageOf(key: number): Page<T> | undefined {
    const number = Math.floor(key / PAGE);
    if (number === this.#nearNumber) return this.#near;
    const page = this.#pages.get(number);
    if (page === undefined) return undefined;
    this.#nearNumber = number;
    this.#near = page;
    return page;
  }

  #addPage(key: number): Page<T> {
    const number = Math.floor(key / PAGE);
    const page: Page<T> = { items: new Array<T | undefined>(PAGE).fill(undefined), count: 0 };
    this.#pages.set(number, page);
    this.#nearNumber = number;
    this.#near = page;
    return page;
  }

  #removePage(key: number): void {
    this.#pages.delete(Math.floor(key / PAGE));
    this.#nearNumber = -1;
    this.#near = undefined;
  }
}
