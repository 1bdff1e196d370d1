/** Heddle's side of each pair of `examples/side-by-side`; `npm run test:ray` runs Ray's as well. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { runExample } from '../support/run-example.ts';
import { listPairs } from './pairs.ts';
import { judge } from './verdict.ts';

const PAIRS_MIN = 26;

describe('the program for Heddle prints the transcript beside it', { concurrency: availableParallelism() }, () => {
  for (const pair of listPairs()) {
    test(pair.name, async () => {
      assert.equal(judge(pair.expectedOfHeddle, await runExample(pair.heddleProgram)), undefined);
    });
  }
});

test('the pairs are numbered from 1 on, and the index lists each', () => {
  const pairs = listPairs();
  assert.ok(pairs.length >= PAIRS_MIN);
  const index = read('../../examples/side-by-side/README.md');
  for (const [at, { name }] of pairs.entries()) {
    assert.equal(name.slice(0, 2), String(at + 1).padStart(2, '0'));
    assert.ok(index.includes(`(${name}/)`), `the index lists ${name}`);
  }
});

test('a transcript of Heddle that differs on purpose has its reason in docs/semantics.md, and no other is named there', () => {
  const reasons = read('../../docs/semantics.md').split('## Differences from Ray')[1] ?? '';
  const named = [...reasons.matchAll(/side-by-side\/(\d{2}-[a-z-]+)/g)].map(([, name]) => name);
  const differing = listPairs().filter((pair) => pair.differs);
  assert.deepEqual(
    [...new Set(named)].sort(),
    differing.map(({ name }) => name),
  );
  for (const { expectedOfRay, expectedOfHeddle, name } of differing)
    assert.notEqual(expectedOfHeddle, expectedOfRay, name);
});

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
