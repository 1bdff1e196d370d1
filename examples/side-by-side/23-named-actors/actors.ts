import { remote } from 'heddle';

export const Radio = remote(
  import.meta,
  class Radio {
    readonly #station: string;

    constructor(station: string) {
      this.#station = station;
    }

    listen(): string {
      return this.#station;
    }
  },
);
