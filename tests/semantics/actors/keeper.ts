import { remote } from '@heddle/actors';

/** Keeps what it is given and gives what it is asked for: for what happens to values on their way. */
export const Keeper = remote(
  import.meta,
  class Keeper {
    readonly #kept: unknown[];

    constructor(...first: unknown[]) {
      this.#kept = first;
    }

    keep(...values: unknown[]): void {
      this.#kept.push(...values);
    }

    kept(): unknown[] {
      return this.#kept;
    }

    echo<T>(value: T): T {
      return value;
    }

    /** One of the kept things itself, which the next call may change. */
    own(index: number): unknown {
      return this.#kept[index];
    }

    change(index: number): void {
      (this.#kept[index] as { n: number }).n++;
    }

    areOne(left: unknown, right: unknown): boolean {
      return left === right;
    }

    /** Nothing that can be sent. */
    unsendable(): unknown {
      return { fine: 1, parts: [{ callback: () => {} }] };
    }

    /** As many objects inside each other as asked for. */
    nested(levels: number): unknown {
      let value: unknown = null;
      for (let level = 0; level < levels; level++) value = { inner: value };
      return value;
    }
  },
);
