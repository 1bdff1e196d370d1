import { remote } from 'heddle';

export const Goldfish = remote(
  import.meta,
  class Goldfish {
    readonly #memory: string[] = [];

    learn(fact: string): number {
      return this.#memory.push(fact);
    }
  },
);
