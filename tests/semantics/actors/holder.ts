import { ObjectRef, put, remote } from '@heddle/actors';

/** Holds refs of others and makes some of its own: for what happens to objects that more than one thread knows. */
export const Holder = remote(
  import.meta,
  class Holder {
    readonly #refs: ObjectRef[] = [];

    /** Keeps the refs in `box` and says how many of its things are refs. */
    hold(box: { readonly refs: readonly unknown[] }): number {
      const refs = box.refs.filter((each) => each instanceof ObjectRef);
      this.#refs.push(...refs);
      return refs.length;
    }

    async readAll(): Promise<unknown[]> {
      return Promise.all(this.#refs);
    }

    async failureOfFirst(): Promise<string> {
      return this.#refs[0]!.then(String, (error) => (error as Error).name);
    }

    async areFresh(): Promise<boolean> {
      const [first, second] = [await this.#refs[0], await this.#refs[0]];
      return first !== second;
    }

    /** The refs themselves, inside a value. */
    give(): { readonly refs: ObjectRef[] } {
      return { refs: this.#refs };
    }

    releaseAll(): void {
      for (const ref of this.#refs.splice(0)) ref.release();
    }

    forgetAll(): void {
      this.#refs.length = 0;
    }

    make(value: unknown): { readonly ref: ObjectRef } {
      return { ref: put(value) };
    }

    async sum(box: { readonly ref: ObjectRef<Float64Array> }): Promise<number> {
      using ref = box.ref; // Given back before the answer, and not when it is collected.
      return (await ref).reduce((all, each) => all + each, 0);
    }

    /** The first and the last number. */
    async edges(box: { readonly ref: ObjectRef<Float64Array> }): Promise<[number, number]> {
      using ref = box.ref;
      const numbers = await ref;
      return [numbers[0]!, numbers.at(-1)!];
    }

    async write(box: { readonly ref: ObjectRef<Float64Array> }, index: number, value: number): Promise<void> {
      (await box.ref)[index] = value;
    }

    async passOn(other: { hold: { remote(box: object): ObjectRef<number> } }): Promise<number> {
      return await other.hold.remote({ refs: this.#refs });
    }
  },
);
