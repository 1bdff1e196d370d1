import { type ActorHandle, registerErrorClass, remote } from 'heddle';

export class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
  readonly item: string;
  readonly left: number;

  constructor(item: string, left: number) {
    super(`cannot take so many ${item}: ${left} left`);
    this.item = item;
    this.left = left;
  }
}
registerErrorClass(OutOfStock); // Known by name in every thread that loads this module.

export const Store = remote(
  import.meta,
  class Store {
    #left = 2;

    take(item: string, count: number): number {
      if (count > this.#left) throw new OutOfStock(item, this.#left);
      return (this.#left -= count);
    }
  },
);

export const Shop = remote(
  import.meta,
  class Shop {
    readonly #store: ActorHandle<typeof Store>;

    constructor(store: ActorHandle<typeof Store>) {
      this.#store = store;
    }

    async order(item: string, count: number): Promise<number> {
      return await this.#store.take.remote(item, count);
    }
  },
);
