import { type ActorHandle, remote } from 'heddle';

export const Tenant = remote(
  import.meta,
  class Tenant {
    here(): void {}
  },
);

export const Log = remote(
  import.meta,
  class Log {
    readonly #lines: string[] = [];

    write(line: string): void {
      this.#lines.push(line);
    }

    read(): readonly string[] {
      return this.#lines;
    }
  },
);

export const work = remote(
  import.meta,
  async function work(log: ActorHandle<typeof Log>, name: string, _after?: unknown): Promise<void> {
    await log.write.remote(`${name} worked`);
  },
);
