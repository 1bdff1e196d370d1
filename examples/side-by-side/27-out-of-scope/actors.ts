import { type ActorHandle, remote } from 'heddle';

export const Lamp = remote(
  import.meta,
  class Lamp {
    shine(): string {
      return 'light';
    }
  },
);

export const Keeper = remote(
  import.meta,
  class Keeper {
    #lamps: readonly ActorHandle<typeof Lamp>[] = [];

    keep(lamps: readonly ActorHandle<typeof Lamp>[]): void {
      this.#lamps = lamps;
    }

    letGo(): void {
      for (const lamp of this.#lamps) lamp.release();
    }
  },
);
