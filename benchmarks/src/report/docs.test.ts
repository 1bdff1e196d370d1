import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WORKLOADS } from '../workloads.ts';
import { PERFORMANCE } from './docs.ts';

test('the document has a place for every group of workloads, and for Ray', async () => {
  const document = await readFile(PERFORMANCE, 'utf8');
  for (const group of new Set([...WORKLOADS.map((each) => each.group), 'ray']))
    assert.ok(document.includes(`<!-- bench:${group} -->`) && document.includes(`<!-- /bench:${group} -->`), group);
});
