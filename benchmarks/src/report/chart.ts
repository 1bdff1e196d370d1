/**
 * Charts as SVG text. Pure: the same results give the same bytes.
 *
 * Bars for arms beside each other, lines for series over two logarithmic axes. Colours are readable on light and on
 * dark pages; text is `currentColor` of a page that embeds the file, and grey where the file stands alone.
 */
import type { ArmResult, WorkloadResult } from '../runner.ts';
import { figure } from './table.ts';

const COLOURS: Readonly<Record<ArmResult['side'], string>> = {
  heddle: '#c2410c',
  light: '#2563eb',
  peer: '#64748b',
  other: '#94a3b8',
};
const SERIES_COLOURS = ['#2563eb', '#c2410c', '#059669', '#7c3aed'];
const TEXT = '#6b7280';
const WIDTH = 760;

const markupSafe = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}" ${more}>${markupSafe(content)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

function frame(height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${markupSafe(title)}" font-family="system-ui, sans-serif" font-size="13" fill="${TEXT}">`,
    `<title>${markupSafe(title)}</title>`,
    text(0, 18, title, 'font-size="15" font-weight="600"'),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

/** A bar for each arm that has a figure, the best first to be seen: longer is more, whatever is better. */
export function barChart(result: WorkloadResult): string {
  const arms = result.arms.filter((arm) => arm.value !== undefined);
  const labelWidth = 190;
  const barMax = WIDTH - labelWidth - 150;
  const max = Math.max(...arms.map((arm) => arm.value!));
  const rows = arms.flatMap((arm, i) => {
    const y = 52 + i * 26;
    const width = Math.max(1, (arm.value! / max) * barMax);
    const ratio = arm.timesLight === undefined ? '' : `  (${figure(arm.timesLight)} ×)`;
    return [
      text(labelWidth - 8, y + 13, arm.arm, 'text-anchor="end"'),
      `<rect x="${labelWidth}" y="${y}" width="${round(width)}" height="18" rx="2" fill="${COLOURS[arm.side]}"/>`,
      text(labelWidth + width + 6, y + 13, `${figure(arm.value!)}${ratio}`),
    ];
  });
  const subtitle = text(0, 38, `${result.unit}; ${result.better} is better; in brackets: times better than light`);
  return frame(66 + arms.length * 26, `${result.name}: ${result.title}`, [subtitle, ...rows]);
}

/** A position on a logarithmic axis. Zero, which such an axis lacks, stands at its left end. */
const logScale = (from: number, to: number, start: number, end: number) => (value: number) =>
  start +
  ((Math.log10(Math.max(value, from)) - Math.log10(from)) / (Math.log10(to) - Math.log10(from) || 1)) * (end - start);

function decades(from: number, to: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) all.push(10 ** power);
  return all;
}

/** One line for each arm that has a series. */
export function lineChart(result: WorkloadResult): string {
  const series = result.arms.filter((arm) => arm.points !== undefined);
  const points = series.flatMap((arm) => [...arm.points!]);
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const ys = points.map(([, y]) => y).filter((y) => y > 0);
  const yTicks = decades(Math.min(...ys), Math.max(...ys));
  const [left, right, top, bottom] = [90, WIDTH - 20, 60, 330];
  const xOf = logScale(Math.max(1, xs[0]!), xs.at(-1)!, left, right);
  const yOf = logScale(yTicks[0]!, yTicks.at(-1)!, bottom, top);
  const grid = [
    ...yTicks.flatMap((y) => [
      `<line x1="${left}" x2="${right}" y1="${round(yOf(y))}" y2="${round(yOf(y))}" stroke="${TEXT}" stroke-opacity="0.25"/>`,
      text(left - 8, yOf(y) + 4, figure(y), 'text-anchor="end"'),
    ]),
    ...xs.map((x) => text(xOf(x), bottom + 20, shortNumber(x), 'text-anchor="middle"')),
    text((left + right) / 2, bottom + 42, result.x ?? '', 'text-anchor="middle"'),
  ];
  const lines = series.flatMap((arm, i) => {
    const colour = SERIES_COLOURS[i % SERIES_COLOURS.length];
    const at = arm.points!.map(([x, y]) => [round(xOf(x)), round(yOf(y))] as const);
    return [
      `<polyline points="${at.map((each) => each.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
      `<rect x="${left + i * 180}" y="34" width="12" height="12" fill="${colour}"/>`,
      text(left + i * 180 + 18, 45, arm.arm),
    ];
  });
  return frame(bottom + 56, `${result.name}: ${result.title}`, [...grid, ...lines]);
}

/** 1500000 as `1.5 M`. */
function shortNumber(value: number): string {
  if (value >= 1e6) return `${figure(value / 1e6)} M`;
  return value >= 1000 ? `${figure(value / 1000)} k` : figure(value);
}

/** The chart that fits the result; undefined where there is nothing to draw beside each other. */
export function chartOf(result: WorkloadResult): string | undefined {
  if (result.arms.some((arm) => arm.points !== undefined)) return lineChart(result);
  return result.arms.filter((arm) => arm.value !== undefined).length > 1 ? barChart(result) : undefined;
}
