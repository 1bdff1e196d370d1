/** Tables for people. Pure. */
import { stripVTControlCharacters } from 'node:util';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** Cut to what is left of the line. At most one column of a table. */
  readonly isFlexible?: boolean;
}

const GAP = '  ';
const FLEXIBLE_WIDTH_MIN = 12;

/** Lines without ends: titles first. `columns` is the width of the page; undefined: nothing is cut. */
export function toTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
  styleTitle: (text: string) => string,
): string[] {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => visibleLength(line[at]!))),
  );
  shrink(columns, widths, width);
  const lay = (line: readonly string[]) =>
    line
      .map((cell, at) => pad(cut(cell, widths[at]!), widths[at]!))
      .join(GAP)
      .trimEnd();
  return [styleTitle(lay(columns.map((column) => column.title))), ...cells.map(lay)];
}

function shrink<Row>(columns: readonly Column<Row>[], widths: number[], width: number | undefined): void {
  const flexible = columns.findIndex((column) => column.isFlexible);
  if (width === undefined || flexible === -1) return;
  const rest = widths.reduce((sum, each) => sum + each, 0) - widths[flexible]! + GAP.length * (columns.length - 1);
  widths[flexible] = Math.min(widths[flexible]!, Math.max(FLEXIBLE_WIDTH_MIN, width - rest));
}

const visibleLength = (text: string): number => stripVTControlCharacters(text).length;

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - visibleLength(text)));

/** Only plain text is ever too long: what is styled are words of a few letters. */
const cut = (text: string, width: number): string =>
  visibleLength(text) <= width ? text : `${stripVTControlCharacters(text).slice(0, width - 1)}…`;

/** Names and values, one a line, the values in one column. */
export function toFields(
  fields: readonly (readonly [string, string])[],
  styleName: (text: string) => string,
): string[] {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${styleName(name)}${' '.repeat(width - name.length)}${GAP}${value}`.trimEnd());
}
