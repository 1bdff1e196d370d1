/**
 * The objects met so far within one argument, by number in the order of their meeting: one that stands twice arrives as
 * one.
 */

/** Up to this many are compared one by one before a map is made. */
const LINEAR_MAX = 12;

export class SeenObjects {
  #seen: object[] = [];
  #index: Map<object, number> | undefined;

  /** The number under which this object was met before, or -1, and then it has been met now. */
  meet(value: object): number {
    const seen = this.#seen;
    if (this.#index !== undefined) {
      const index = this.#index.get(value);
      if (index !== undefined) return index;
      this.#index.set(value, seen.length);
    } else {
      for (let i = 0; i < seen.length; i++) if (seen[i] === value) return i;
      if (seen.length === LINEAR_MAX) {
        this.#index = new Map(seen.map((each, index) => [each, index]));
        this.#index.set(value, seen.length);
      }
    }
    seen.push(value);
    return -1;
  }

  /** Another argument begins, or nothing is encoded any more. */
  forget(): void {
    if (this.#seen.length > 0) this.#seen = [];
    this.#index = undefined;
  }
}
