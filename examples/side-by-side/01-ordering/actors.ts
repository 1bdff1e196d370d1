import { type ActorHandle, remote } from 'heddle';

export const Notebook = remote(
  import.meta,
  class Notebook {
    readonly #lines: (string | number)[] = [];

    write(line: string | number): void {
      this.#lines.push(line);
    }

    read(): readonly (string | number)[] {
      return this.#lines;
    }
  },
);

export const Gate = remote(
  import.meta,
  class Gate {
    readonly #opened = Promise.withResolvers<void>();

    async wait(value: string): Promise<string> {
      await this.#opened.promise;
      return value;
    }

    async open(): Promise<void> {
      this.#opened.resolve();
    }
  },
);

export const Writer = remote(
  import.meta,
  class Writer {
    async write(notebook: ActorHandle<typeof Notebook>, line: string): Promise<void> {
      await notebook.write.remote(line);
    }
  },
);
