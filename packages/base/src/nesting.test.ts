import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestsDeeperThan } from './nesting.ts';

const WRAPPERS: Readonly<Record<string, (inner: unknown) => unknown>> = {
  object: (inner) => ({ a: 1, inner }),
  array: (inner) => [1, inner],
  'sparse array': (inner) => {
    const sparse: unknown[] = [];
    sparse[3] = inner;
    return sparse;
  },
  'key of a map': (inner) => new Map([[inner, 1]]),
  'value of a map': (inner) => new Map([[1, inner]]),
  set: (inner) => new Set([inner]),
  'cause of an error': (inner) => new Error('outer', { cause: inner }),
};

function nest(wrap: (inner: unknown) => unknown, levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

for (const [name, wrap] of Object.entries(WRAPPERS)) {
  test(`levels are counted exactly: ${name}`, () => {
    assert.equal(nestsDeeperThan(10, nest(wrap, 10)), false);
    assert.equal(nestsDeeperThan(10, nest(wrap, 11)), true);
  });
}

test('a value far deeper than the stack is measured all the same', () => {
  assert.equal(nestsDeeperThan(200_000, nest(WRAPPERS.object!, 100_000)), false);
  assert.equal(nestsDeeperThan(50_000, nest(WRAPPERS.object!, 100_000)), true);
});

test('a cycle ends, and what was met before has no second depth', () => {
  const cycle: { self?: unknown; twice?: unknown } = {};
  cycle.self = cycle;
  const shared = [nest(WRAPPERS.array!, 3)];
  cycle.twice = [shared, [shared]];
  assert.equal(nestsDeeperThan(6, cycle), false);
  assert.equal(nestsDeeperThan(5, cycle), true);
});

test('primitives and binary data have no levels beneath them', () => {
  assert.equal(nestsDeeperThan(0, 'text'), false);
  assert.equal(nestsDeeperThan(1, new Uint8Array(1_000)), false);
  assert.equal(nestsDeeperThan(0, {}), true);
});
