/** What came of one side of a pair, judged by its transcript: every byte counts. Pure. */

import type { Run } from '../support/run-example.ts';

/** Undefined: it printed what was expected and ended well. Otherwise what was wrong, for people. */
export function judge(expected: string, { output, error }: Run): string | undefined {
  const difference = firstDifference(expected, output);
  if (error === undefined) return difference;
  return difference === undefined ? error : `${difference}\n${error}`;
}

function firstDifference(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined;
  const [wanted, got] = [linesOf(expected), linesOf(actual)];
  const differs = wanted.findIndex((line, index) => line !== got[index]);
  const at = differs < 0 ? wanted.length : differs;
  return `line ${at + 1}: expected ${quoteLine(wanted[at])}, got ${quoteLine(got[at])}`;
}

/** Each with its line feed, so that a missing last one is a difference. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/).filter((line) => line !== '');

const quoteLine = (line: string | undefined): string => (line === undefined ? 'the end' : JSON.stringify(line));
