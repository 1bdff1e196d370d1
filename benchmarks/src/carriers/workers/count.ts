import { checkValue } from '../../arm/values.ts';

let count = 0;

/** What every peer's worker does for a call. */
export function take(value: unknown): number {
  checkValue(value);
  count++;
  return count;
}
