/** Durations, sizes and amounts as people write them on a command line. */
import { InvalidArgumentError } from 'commander';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const KIB = 1024;
const BYTES: Readonly<Record<string, number>> = { '': 1, k: KIB, m: KIB ** 2, g: KIB ** 3, t: KIB ** 4 };

/** `90`, `90s`, `1.5h`, `200ms`; a number alone is seconds. In milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Expected a duration, such as 90s, 5m or 1.5h.');
  return Math.round(Number(number) * MS[unit]!);
}

/** `1048576`, `512M`, `2GiB`; units are powers of 1024. In bytes. */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Expected a size, such as 512M or 2G.');
  return Math.round(Number(number) * BYTES[unit.toLowerCase()]!);
}

export function parseAmount(text: string): number {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Expected a number of 0 or more.');
  return Number(text);
}

export function parseInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected an integer.');
  return Number(text);
}

/** Collects NAME=AMOUNT from an option that may be repeated. */
export function parseAmounts(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const at = text.lastIndexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Expected NAME=AMOUNT.');
  return { ...before, [text.slice(0, at)]: parseAmount(text.slice(at + 1)) };
}

/** "512.0 MiB": the largest unit of which there is one at least. */
export function toSize(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return step === 0 ? `${bytes} bytes` : `${(bytes / KIB ** step).toFixed(1)} ${units[step]}`;
}
