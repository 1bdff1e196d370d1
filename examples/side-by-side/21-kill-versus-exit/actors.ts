import { type ActorHandle, exitActor, remote } from 'heddle';

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

export const Guest = remote(
  import.meta,
  class Guest {
    readonly #log: ActorHandle<typeof Log>;
    readonly #name: string;

    constructor(log: ActorHandle<typeof Log>, name: string) {
      this.#log = log;
      this.#name = name;
    }

    async greet(): Promise<void> {
      await this.#log.write.remote(`${this.#name} says hello`);
    }

    async ping(): Promise<void> {}

    async leave(): Promise<void> {
      exitActor(); // Never returns.
      await this.#log.write.remote(`${this.#name} never says this`);
    }

    async onShutdown(): Promise<void> {
      await this.#log.write.remote(`${this.#name} tidies up`);
    }
  },
);
