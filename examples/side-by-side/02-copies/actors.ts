import { remote } from 'heddle';

export interface Box {
  readonly things: string[];
}

export const Shelf = remote(
  import.meta,
  class Shelf {
    #box: Box = { things: [] };

    keep(box: Box): Box {
      this.#box = box;
      return box;
    }

    add(thing: string): void {
      this.#box.things.push(thing);
    }

    show(): Box {
      return this.#box;
    }

    isOneObject(first: object, second: object): boolean {
      return first === second;
    }

    isSharedWithin(pair: readonly object[]): boolean {
      return pair[0] === pair[1];
    }
  },
);
