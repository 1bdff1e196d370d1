/**
 * The pairs of `examples/side-by-side`: one program for Ray, the same for Heddle, and the transcript of both.
 *
 * Where Heddle's behaviour differs on purpose, `expected.heddle.txt` stands beside, and docs/semantics.md says why.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAIRS = fileURLToPath(new URL('../../examples/side-by-side/', import.meta.url));

const NUMBERED = /^\d{2}-/;

export interface Pair {
  /** The folder's name: `01-ordering`. */
  readonly name: string;
  readonly rayProgram: string;
  readonly heddleProgram: string;
  readonly expectedOfRay: string;
  readonly expectedOfHeddle: string;
  /** Heddle's transcript is another one than Ray's, on purpose. */
  readonly differs: boolean;
}

/** All pairs by number, or those whose names begin with one of `only`. @throws RangeError for one that none begins with. */
export function listPairs(only: readonly string[] = []): Pair[] {
  const names = readdirSync(PAIRS).filter((name) => NUMBERED.test(name));
  for (const wanted of only) {
    if (!names.some((name) => name.startsWith(wanted)))
      throw new RangeError(`Cannot run only "${wanted}": no folder of examples/side-by-side begins so`);
  }
  const chosen = only.length === 0 ? names : names.filter((name) => only.some((wanted) => name.startsWith(wanted)));
  return chosen.sort().map(readPair);
}

function readPair(name: string): Pair {
  const file = (base: string): string => join(PAIRS, name, base);
  const differs = existsSync(file('expected.heddle.txt'));
  const expectedOfRay = readFileSync(file('expected.txt'), 'utf8');
  return {
    name,
    rayProgram: file('ray.py'),
    heddleProgram: file('heddle.ts'),
    expectedOfRay,
    expectedOfHeddle: differs ? readFileSync(file('expected.heddle.txt'), 'utf8') : expectedOfRay,
    differs,
  };
}
