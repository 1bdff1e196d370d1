import { type ActorHandle, remote } from 'heddle';

export const Witness = remote(
  import.meta,
  class Witness {
    readonly #attempts = new Map<string, number>();

    saw(what: string): number {
      const attempts = (this.#attempts.get(what) ?? 0) + 1;
      this.#attempts.set(what, attempts);
      return attempts;
    }
  },
);

export const Stuntman = remote(
  import.meta,
  class Stuntman {
    async jump(witness: ActorHandle<typeof Witness>, falls: number): Promise<number> {
      const attempt = await witness.saw.remote('jump');
      if (attempt <= falls) process.exit(1);
      return attempt;
    }

    async wave(witness: ActorHandle<typeof Witness>): Promise<number> {
      return await witness.saw.remote('wave');
    }
  },
);
