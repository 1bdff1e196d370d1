/** One line on stderr that says what runs; silent where stderr is no terminal. */
import type { WriteStream } from 'node:tty';

export class Progress {
  readonly #stream: WriteStream | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream.isTTY ? (stream as WriteStream) : undefined;
  }

  show(text: string): void {
    this.#stream?.write(`\r\x1b[K${text.slice(0, this.#stream.columns - 1)}`);
  }

  clear(): void {
    this.#stream?.write('\r\x1b[K');
  }
}
