/**
 * A table by whole numbers that are given out one after another, such as the keys of actors and of their incarnations.
 *
 * Neighbours in number stand beside each other in pages of `PAGE`, so an entry costs one word and looking up keys in
 * turn stays in the processor's caches; in a `Map` it costs about fifty bytes and, among a million, a walk through
 * memory. A page goes with the last of its entries; one that is left holds its page, 2 KB at most.
 */
const PAGE = 256;

/** So many pages that were looked into of late are found without the map, each by the last digits of its number. */
const NEAR = 64;

interface Page<T> {
  readonly number: number;
  readonly items: (T | undefined)[];
  count: number;
}

export class KeyTable<T extends object> {
  readonly #pages = new Map<number, Page<T>>();
  readonly #near = new Array<Page<T> | undefined>(NEAR).fill(undefined);
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
    if (--page.count === 0) this.#removePage(page);
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
    const near = this.#near[number % NEAR];
    return near?.number === number ? near : this.#findPage(number);
  }

  #findPage(number: number): Page<T> | undefined {
    const page = this.#pages.get(number);
    if (page !== undefined) this.#near[number % NEAR] = page;
    return page;
  }

  #addPage(key: number): Page<T> {
    const number = Math.floor(key / PAGE);
    const page: Page<T> = { number, items: new Array<T | undefined>(PAGE).fill(undefined), count: 0 };
    this.#pages.set(number, page);
    this.#near[number % NEAR] = page;
    return page;
  }

  #removePage(page: Page<T>): void {
    this.#pages.delete(page.number);
    this.#near[page.number % NEAR] = undefined;
  }
}
