import { type ActorHandle, remote } from 'heddle';

export const Meter = remote(
  import.meta,
  class Meter {
    #made = 0;

    note(item: number): void {
      this.#made = item;
    }

    read(): number {
      return this.#made;
    }
  },
);

export const count = remote(
  import.meta,
  async function* count(meter: ActorHandle<typeof Meter>): AsyncGenerator<number> {
    for (let item = 1; ; item++) {
      await meter.note.remote(item);
      yield item;
    }
  },
);
