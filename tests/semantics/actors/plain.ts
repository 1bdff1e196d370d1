/** Knows nothing of Heddle. */
export class PlainCounter {
  #n: number;

  constructor(start: number) {
    this.#n = start;
  }

  increment(): number {
    this.#n++;
    return this.#n;
  }
}

export const notAClass = 42;
