/** What the demo shows: a live table on a terminal, plain lines elsewhere. */
import { stripVTControlCharacters, styleText } from 'node:util';

export interface Row {
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly exit: string;
  readonly duration: string;
  readonly restarts: number;
  readonly logBytes: number;
}

const COLUMNS = ['job', 'id', 'status', 'exit', 'duration', 'supervisor restarts', 'log bytes'] as const;
const COLOURS: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  SUCCEEDED: 'green',
  FAILED: 'red',
  STOPPED: 'yellow',
  RUNNING: 'cyan',
  PENDING: 'dim',
};

export class Board {
  readonly #out: NodeJS.WriteStream;
  readonly #isLive: boolean;
  #drawn = 0;
  readonly #known = new Map<string, string>();

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#isLive = out.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** A line that stays. */
  say(line: string): void {
    this.#wipe();
    this.#out.write(`${line}\n`);
  }

  /** The jobs as they are now: redrawn in place on a terminal, elsewhere a line for each change. */
  show(rows: readonly Row[]): void {
    if (this.#isLive) {
      this.#wipe();
      const lines = this.#table(rows);
      this.#out.write(`${lines.join('\n')}\n`);
      this.#drawn = lines.length;
      return;
    }
    for (const row of rows) {
      if (this.#known.get(row.id) === row.status) continue;
      this.#known.set(row.id, row.status);
      this.#out.write(`  ${row.name}: ${row.status}\n`);
    }
  }

  /** The table once more, to stay. */
  finish(rows: readonly Row[]): void {
    this.#wipe();
    this.#out.write(`${this.#table(rows).join('\n')}\n`);
  }

  #wipe(): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }

  #table(rows: readonly Row[]): string[] {
    const cells = rows.map((row) => [
      row.name,
      row.id,
      styleText(COLOURS[row.status] ?? 'white', row.status, { stream: this.#out }),
      row.exit,
      row.duration,
      String(row.restarts),
      String(row.logBytes),
    ]);
    const widths = COLUMNS.map((title, column) => Math.max(title.length, ...cells.map((row) => widthOf(row[column]!))));
    const lay = (row: readonly string[]) =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell)))
        .join('  ')
        .trimEnd();
    return [styleText('bold', lay(COLUMNS), { stream: this.#out }), ...cells.map(lay)];
  }
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;
