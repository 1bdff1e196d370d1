import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from './key-table.ts';

/** Near ones, neighbours across pages, and those of other threads: thread × 2^32 + count. */
const anyKey = fc.oneof(
  fc.integer({ min: 0, max: 600 }),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 + 3 }),
  fc.integer({ min: 7 * 2 ** 32, max: 7 * 2 ** 32 + 300 }),
);

test('a table does what a Map does, for any keys in any order', () => {
  const anyStep = fc.record({ key: anyKey, what: fc.constantFrom('set', 'delete', 'get') });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 300 }), (steps) => {
      const table = new KeyTable<{ key: number }>();
      const map = new Map<number, { key: number }>();
      for (const { key, what } of steps) {
        if (what === 'get') assert.equal(table.get(key), map.get(key));
        else if (what === 'delete') assert.equal(table.delete(key), map.delete(key));
        else {
          const item = { key };
          table.set(key, item);
          map.set(key, item);
        }
        assert.equal(table.size, map.size);
      }
      const byKey = (a: [number, object], b: [number, object]) => a[0] - b[0];
      assert.deepEqual([...table.entries()].sort(byKey), [...map].sort(byKey));
    }),
  );
});

test('keys that counted up are given in their order', () => {
  const table = new KeyTable<object>();
  for (let key = 0; key < 1_000; key++) table.set(key, { key });
  for (let key = 0; key < 1_000; key += 3) table.delete(key);
  const keys = [...table.entries()].map(([key]) => key);
  assert.deepEqual(
    keys,
    keys.toSorted((a, b) => a - b),
  );
  assert.equal(keys.length, 666);
});
