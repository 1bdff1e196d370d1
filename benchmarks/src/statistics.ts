/** Statistics over a handful of rounds. Pure. */

/** @throws RangeError for no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the part `q` of all lies, by linear interpolation. @throws RangeError for no values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('Cannot take a quantile of no values');
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/** How far the rounds lie apart: the greatest over the least. */
export const spread = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);

/** How many times better `value` is than `base`. */
export const timesBetter = (value: number, base: number, better: 'higher' | 'lower'): number =>
  better === 'higher' ? value / base : base / value;

/** The sum of the whole numbers from `first` to `last`. */
export const sumOfRange = (first: number, last: number): number => ((first + last) * (last - first + 1)) / 2;
