/** Heddle and real Ray beside each other, a line for each shape. Pure. */
import type { ArmResult } from '../runner.ts';
import { figure, times } from './table.ts';

export interface Comparison {
  readonly title: string;
  readonly heddle: ArmResult;
  readonly ray: ArmResult;
}

/** Where less is better. */
const isTimeOrSize = (name: string): boolean => /\bms$|^MB\b/.test(name);

/** Name, Ray's figure, Heddle's figure, how many times better Heddle is; one line for each that Ray has. */
export function comparisonRows({ heddle, ray }: Comparison): [string, string, string, string][] {
  return Object.entries(ray.notes ?? {}).map(([name, ofRay]) => {
    const ofHeddle = heddle.notes?.[name];
    if (ofHeddle === undefined) return [name, figure(ofRay), 'not available', ''];
    const ratio = isTimeOrSize(name) ? ofRay / ofHeddle : ofHeddle / ofRay;
    return [name, figure(ofRay), figure(ofHeddle), times(ratio)];
  });
}

const why = (arm: ArmResult): string | undefined =>
  arm.unavailable ?? (arm.failure === undefined ? undefined : `failed: ${arm.failure.split('\n')[0]}`);

/** Says so where one of the two has no figures at all. */
export const obstacles = ({ heddle, ray }: Comparison): string[] =>
  [heddle, ray].flatMap((arm) => {
    const reason = why(arm);
    return reason === undefined ? [] : [`${arm.arm}: ${reason}`];
  });

export function comparisonText(comparison: Comparison): string {
  const rows = [['', 'Ray 2.58.0', 'Heddle', 'ratio'], ...comparisonRows(comparison)];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map(
    (row) => `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
  );
  return [comparison.title, ...lines, ...obstacles(comparison).map((each) => `  ${each}`)].join('\n');
}

export function comparisonMarkdown(comparison: Comparison): string {
  const rows = comparisonRows(comparison).map((row) => `| ${row.join(' | ')} |`);
  return [
    `| ${comparison.title} | Ray 2.58.0 | Heddle | times better |`,
    '|---|---:|---:|---:|',
    ...rows,
    ...obstacles(comparison).flatMap((each) => ['', each]),
  ].join('\n');
}
