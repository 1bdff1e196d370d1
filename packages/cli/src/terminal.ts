/**
 * Where a command prints. Colours only where somebody sees them: not into pipes or files, and not where
 * NO_COLOR asks for none.
 */
import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { type InspectColor, styleText } from 'node:util';

export class Terminal {
  readonly #stream: WriteStream;
  #isGone = false;

  /**
   * `onGone` is told when nothing can be written any more: whoever read is gone, as after `heddle job logs … | head`
   * (EPIPE), or the file's disk is full. Then writing does nothing.
   */
  constructor(stream: NodeJS.WriteStream, onGone: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#isGone) return;
      this.#isGone = true;
      onGone(error);
    });
  }

  /** Whether a person reads it, rather than a pipe. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** How wide it is; a pipe has no width. */
  get columns(): number | undefined {
    return this.isTerminal ? this.#stream.columns : undefined;
  }

  /** Resolves when more may be written: a slow reader holds the writer back. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#isGone || this.#stream.write(text)) return;
    await once(this.#stream, 'drain').catch(() => {}); // An error has been dealt with where it is listened for.
  }

  line(text = ''): Promise<void> {
    return this.write(`${text}\n`);
  }

  json(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value, undefined, this.isTerminal ? 2 : undefined));
  }

  style(format: InspectColor | readonly InspectColor[], text: string): string {
    return styleText(format as InspectColor, text, { stream: this.#stream });
  }
}

/**
 * Text from elsewhere, on one line: control characters become visible, so that nothing that a job is called
 * can move the cursor, colour the page or pass for another line.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (control) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return known ?? `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
