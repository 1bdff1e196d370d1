import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonRows, obstacles } from './ray-table.ts';

test('Heddle is better by the ratio of rates, and by the inverse one of times and sizes', () => {
  const rows = comparisonRows({
    title: 'jobs',
    ray: {
      arm: 'Ray',
      side: 'peer',
      notes: { 'jobs/s': 2, 'submit answered, ms': 30, 'MB for each job alive': 60, gone: 1 },
    },
    heddle: {
      arm: 'Heddle',
      side: 'heddle',
      notes: { 'jobs/s': 400, 'submit answered, ms': 3, 'MB for each job alive': 2 },
    },
  });
  assert.deepEqual(
    rows.map(([, , , ratio]) => ratio),
    ['200 ×', '10 ×', '30 ×', ''],
  );
});

test('a side without figures says why', () => {
  const found = obstacles({
    title: 'jobs',
    ray: { arm: 'Ray', side: 'peer', unavailable: 'no python3' },
    heddle: { arm: 'Heddle', side: 'heddle', failure: 'broke\nhere' },
  });
  assert.deepEqual(found, ['Heddle: failed: broke', 'Ray: no python3']);
});
