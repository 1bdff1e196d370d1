import { quote } from '@heddle/base';
import type { Resources } from './resource-ledger.ts';

/**
 * Tells the program that something waits for what this runtime does not have. It is seen once for each that waits. `end`:
 * what ends the waiting.
 */
export function warnCannotFit(who: string, shape: Resources, total: Resources, end: 'killed' | 'cancelled'): void {
  process.emitWarning(
    `${who} waits for ${quote(shape)} and this runtime has ${quote(total)} in all: it waits until it is ${end}`,
    {
      type: 'HeddleWarning',
      code: 'HEDDLE_CANNOT_FIT',
    },
  );
}
