import { remote } from 'heddle';

export const Mayor = remote(
  import.meta,
  class Mayor {
    readonly #town: string;

    constructor(town: string) {
      this.#town = town;
    }

    greet(): string {
      return `Welcome to ${this.#town}!`;
    }
  },
);
