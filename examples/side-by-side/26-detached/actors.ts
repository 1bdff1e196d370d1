import { type ActorHandle, remote } from 'heddle';

export const Plant = remote(
  import.meta,
  class Plant {
    water(): string {
      return 'grows';
    }
  },
);

export const Gardener = remote(
  import.meta,
  class Gardener {
    plant(): readonly [flower: ActorHandle<typeof Plant>, tree: ActorHandle<typeof Plant>] {
      return [Plant.remote(), Plant.options({ name: 'tree', lifetime: 'detached' }).remote()];
    }
  },
);
