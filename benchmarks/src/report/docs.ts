/** Writes the tables of a run into docs/performance.md, by group, and its charts into docs/charts. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Machine, machineLine } from '../machine.ts';
import type { WorkloadResult } from '../runner.ts';
import { chartOf } from './chart.ts';
import { replaceBetween } from './markers.ts';
import { markdownTable } from './table.ts';

export const PERFORMANCE = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));
const CHARTS = fileURLToPath(new URL('../../../docs/charts/', import.meta.url));

export interface Run {
  readonly at: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly seconds: number;
  readonly results: readonly WorkloadResult[];
}

/** Sections of groups that were not run stay as they are. */
export async function writeDocs(run: Run): Promise<void> {
  await mkdir(CHARTS, { recursive: true });
  let document = await readFile(PERFORMANCE, 'utf8');
  for (const [group, results] of Map.groupBy(run.results, (each) => each.group)) {
    const sections = await Promise.all(results!.map(sectionOf));
    document = replaceBetween(document, group, [runLine(run), ...sections].join('\n\n'));
  }
  await writeFile(PERFORMANCE, document);
}

const runLine = ({ at, machine, rounds, isQuick }: Run): string =>
  `${at.slice(0, 10)}; ${machineLine(machine)}; medians of ${rounds} ${isQuick ? 'quick ' : ''}rounds.`;

async function sectionOf(result: WorkloadResult): Promise<string> {
  const chart = chartOf(result);
  if (chart === undefined) return markdownTable(result);
  await writeFile(`${CHARTS}${result.name}.svg`, chart);
  return `${markdownTable(result)}\n\n![${result.name}](charts/${result.name}.svg)`;
}
