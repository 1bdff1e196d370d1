import { remote } from 'heddle';

export const Ferry = remote(
  import.meta,
  class Ferry {
    readonly #landed = new Map(['Anna', 'Berta', 'Clara'].map((name) => [name, Promise.withResolvers<void>()]));

    async cross(name: string): Promise<string> {
      await this.#landed.get(name)!.promise;
      if (name === 'Berta') throw new Error('ran aground');
      return name;
    }

    async land(name: string): Promise<void> {
      this.#landed.get(name)!.resolve();
    }
  },
);
