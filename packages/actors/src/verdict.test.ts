import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorKey, Batch, CellKey } from './protocol.ts';
import { readVerdict, type Verdict, writeVerdict } from './verdict.ts';

test('a verdict that crossed to a worker says what was said, wherever in a batch it stands', () => {
  const cause = new RangeError('why');
  const verdicts: readonly Verdict[] = [
    { kind: 'located', cell: 7 as CellKey, threadId: 3 },
    { kind: 'restarting', cause },
    { kind: 'dead', cause },
  ];
  const batch: Batch = [];
  const starts = verdicts.map((verdict) => {
    const start = batch.length;
    writeVerdict(batch, 5 as ActorKey, verdict);
    return start;
  });
  const read = starts.map((start) => readVerdict(batch, start));
  assert.deepEqual(read[0], verdicts[0]);
  for (const at of [1, 2]) {
    const { kind, cause: told } = read[at] as Exclude<Verdict, { kind: 'located' }>;
    assert.equal(kind, verdicts[at]!.kind);
    assert.ok(told instanceof RangeError && told.message === 'why');
  }
});
