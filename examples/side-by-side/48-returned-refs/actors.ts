import { type ActorHandle, type ObjectRef, remote } from 'heddle';

export const Source = remote(
  import.meta,
  class Source {
    draw(): string {
      return 'water';
    }
  },
);

export const Well = remote(
  import.meta,
  class Well {
    readonly #source: ActorHandle<typeof Source>;

    constructor(source: ActorHandle<typeof Source>) {
      this.#source = source;
    }

    draw(): ObjectRef<string> {
      return this.#source.draw.remote();
    }

    fill(): { readonly bucket: ObjectRef<string> } {
      return { bucket: this.#source.draw.remote() };
    }
  },
);
