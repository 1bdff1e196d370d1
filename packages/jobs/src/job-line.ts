/**
 * A line by priority: higher first, and within one priority in the order of arrival.
 *
 * Who leaves it leaves a hole behind, so that leaving from anywhere costs nothing; the holes in front are never
 * walked over again, and when half of a lane is holes it is closed up.
 */
export interface InLine {
  readonly priority: number;
}

export class JobLine<T extends InLine> {
  readonly #lanes = new Map<number, Lane<T>>();
  /** Highest first. */
  #priorities: number[] = [];

  add(item: T): void {
    let lane = this.#lanes.get(item.priority);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(item.priority, lane);
      this.#priorities = [...this.#lanes.keys()].sort((one, other) => other - one);
    }
    lane.push(item);
  }

  /** The item must be in the line. */
  remove(item: T): void {
    const lane = this.#lanes.get(item.priority)!;
    lane.remove(item);
    if (lane.size > 0) return;
    this.#lanes.delete(item.priority);
    this.#priorities = this.#priorities.filter((priority) => priority !== item.priority);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const priority of this.#priorities) yield* this.#lanes.get(priority)!;
  }
}

/** Shorter lanes are left as they are. */
const CLOSE_UP_MIN = 64;

class Lane<T> {
  #items: (T | undefined)[] = [];
  readonly #places = new Map<T, number>();
  /** Before it there are only holes. */
  #head = 0;

  get size(): number {
    return this.#places.size;
  }

  push(item: T): void {
    this.#places.set(item, this.#items.push(item) - 1);
  }

  remove(item: T): void {
    this.#items[this.#places.get(item)!] = undefined;
    this.#places.delete(item);
    while (this.#head < this.#items.length && this.#items[this.#head] === undefined) this.#head += 1;
    if (this.#items.length > CLOSE_UP_MIN && this.size * 2 < this.#items.length) this.#closeUp();
  }

  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at];
      if (item !== undefined) yield item;
    }
  }

  #closeUp(): void {
    this.#items = [...this];
    this.#head = 0;
    for (const [at, item] of this.#items.entries()) this.#places.set(item!, at);
  }
}
