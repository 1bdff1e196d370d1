/** Results as text for a terminal and as Markdown. Pure. */
import type { ArmResult, WorkloadResult } from '../runner.ts';
import { timesBetter } from '../statistics.ts';

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const COLUMNS = ['', 'median', '× light', 'p99 µs', 'CPU ms per 1,000', 'spread'] as const;

/** Rows of cells, headed, without the columns in which no row has anything. */
function columnsOf(result: WorkloadResult, first: string): { readonly head: string[]; readonly rows: string[][] } {
  const rows = result.arms.map(cells);
  const used = COLUMNS.map((_, i) => i < 2 || rows.some((row) => row[i] !== ''));
  const keep = (row: readonly string[]) => row.filter((_, i) => used[i]);
  return { head: keep([first, ...COLUMNS.slice(1)]), rows: rows.map(keep) };
}

/** Three significant digits, thousands set apart. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** A ratio with two digits after a leading one and none beyond a hundred. */
export const times = (ratio: number): string => `${figure(ratio)} ×`;

function cells(arm: ArmResult): string[] {
  const orNothing = (value: number | undefined, show: (value: number) => string = figure) =>
    value === undefined ? '' : show(value);
  return [
    arm.arm,
    orNothing(arm.value),
    orNothing(arm.timesLight, times),
    orNothing(arm.p99Us),
    orNothing(arm.cpuMsPer1000),
    orNothing(arm.spread, times),
  ];
}

/** The best of the peers that have a figure. */
export function bestPeer(result: WorkloadResult): ArmResult | undefined {
  const peers = result.arms.filter((arm) => arm.side === 'peer' && arm.value !== undefined);
  const isBetter = (a: ArmResult, b: ArmResult) => timesBetter(a.value!, b.value!, result.better) > 1;
  return peers.reduce<ArmResult | undefined>(
    (best, arm) => (best === undefined || isBetter(arm, best) ? arm : best),
    undefined,
  );
}

/** One sentence: Heddle against the speed of light and the best peer. */
export function verdict(result: WorkloadResult): string {
  const heddle = result.arms.find((arm) => arm.side === 'heddle');
  if (heddle?.value === undefined) return '';
  const light = result.arms.find((arm) => arm.side === 'light');
  const peer = bestPeer(result);
  const parts = [];
  if (heddle.timesLight !== undefined) parts.push(`${times(heddle.timesLight)} ${light!.arm}`);
  if (peer !== undefined)
    parts.push(`${times(timesBetter(heddle.value, peer.value!, result.better))} the best peer (${peer.arm})`);
  const target = result.target === undefined ? '' : `; target: ${result.target}`;
  return parts.length === 0 && target === '' ? '' : `heddle: ${parts.join(', ') || figure(heddle.value)}${target}`;
}

const whyNot = (arm: ArmResult): string | undefined =>
  arm.unavailable ?? (arm.failure === undefined ? undefined : `failed: ${arm.failure.split('\n')[0]}`);

const notesOf = (arm: ArmResult): string =>
  Object.entries(arm.notes ?? {})
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ');

export function textTable(result: WorkloadResult, paint: Paint): string {
  const { head, rows } = columnsOf(result, result.unit);
  const widths = head.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  const lines = [paint.bold(`${result.name}: ${result.title}`), paint.dim(`  ${line(head)}`)];
  for (const [i, arm] of result.arms.entries()) {
    const reason = whyNot(arm);
    const notes = notesOf(arm);
    const row = reason === undefined ? line(rows[i]!) : `${arm.arm.padEnd(widths[0]!)}  ${reason}`;
    lines.push(`  ${arm.side === 'heddle' ? paint.bold(row) : row}`);
    if (notes !== '') lines.push(paint.dim(`    ${notes}`));
    if (arm.points !== undefined)
      lines.push(paint.dim(`    ${arm.points.map(([x, value]) => `${figure(x)}: ${figure(value)}`).join('   ')}`));
  }
  const sentence = verdict(result);
  if (sentence !== '') lines.push(`  ${sentence}`);
  return lines.join('\n');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|');

export function markdownTable(result: WorkloadResult): string {
  const row = (list: readonly string[]) => `| ${list.map(escaped).join(' | ')} |`;
  const { head, rows } = columnsOf(result, `${result.title} (${result.unit})`);
  const lines = [
    row(head),
    `|---|${'---:|'.repeat(head.length - 1)}`,
    ...result.arms.map((arm, i) => {
      const reason = whyNot(arm);
      return row(reason === undefined ? rows[i]! : head.map((_, at) => [arm.arm, reason][at] ?? ''));
    }),
  ];
  const series = result.arms.filter((arm) => arm.points !== undefined);
  if (series.length > 0) {
    const xs = series[0]!.points!.map(([x]) => x);
    lines.push('', row([`${result.x}`, ...series.map((arm) => arm.arm)]), `|---:|${'---:|'.repeat(series.length)}`);
    for (const [i, x] of xs.entries())
      lines.push(row([x.toLocaleString('en'), ...series.map((arm) => figure(arm.points![i]![1]))]));
  }
  const notes = result.arms.filter((arm) => arm.notes !== undefined).map((arm) => `${arm.arm}: ${notesOf(arm)}.`);
  const sentence = verdict(result);
  for (const text of [...notes, ...(sentence === '' ? [] : [`**${sentence}.**`])]) lines.push('', text);
  return lines.join('\n');
}
