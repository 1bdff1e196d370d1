import { type ActorHandle, remote } from 'heddle';

export const Witness = remote(
  import.meta,
  class Witness {
    #attempts = 0;

    saw(): number {
      return ++this.#attempts;
    }

    reset(): number {
      const attempts = this.#attempts;
      this.#attempts = 0;
      return attempts;
    }
  },
);

export const climb = remote(
  import.meta,
  async function climb(witness: ActorHandle<typeof Witness>, falls: number): Promise<number> {
    const attempt = await witness.saw.remote();
    if (attempt <= falls) process.exit(1);
    return attempt;
  },
);
