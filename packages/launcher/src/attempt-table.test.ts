import assert from 'node:assert/strict';
import test from 'node:test';
import { AttemptTable } from './attempt-table.ts';
import type { JournalRecord } from './journal-record.ts';

const started = { pid: 7, startTime: '1', startedAtMs: 2, bootId: 'b', pidNamespace: 'n', logStartOffset: 0 };
const exited = { code: 3, signal: null, endedAtMs: 9, logBytes: 4 };

const history: readonly JournalRecord[] = [
  { type: 'claimed', attemptId: 'ended', jobId: 'j1', marker: 'm:ended' },
  { type: 'claimed', attemptId: 'runs', jobId: 'j2', marker: 'm:runs' },
  { type: 'refused', attemptId: 'refused', jobId: 'j3' },
  { type: 'claimed', attemptId: 'failed', jobId: 'j4', marker: 'm:failed' },
  { type: 'started', attemptId: 'ended', started },
  { type: 'started', attemptId: 'runs', started },
  { type: 'failed', attemptId: 'failed', failure: 'no such command' },
  { type: 'stop', attemptId: 'ended', requestedAtMs: 5, signal: 'SIGTERM', graceMs: 100 },
  { type: 'stop', attemptId: 'ended', requestedAtMs: 6, signal: 'SIGINT', graceMs: 200 },
  { type: 'exited', attemptId: 'ended', exited },
  { type: 'stopped', attemptId: 'ended', report: { signals: [{ pid: -7, signal: 'SIGTERM' }], survivors: [] } },
  { type: 'claimed', attemptId: 'claimed', jobId: 'j5', marker: 'm:claimed' },
  { type: 'claimed', attemptId: 'settled', jobId: 'j6', marker: 'm:settled' },
  { type: 'settled', attemptIds: ['settled', 'unknown'] },
];

function tableOf(records: readonly JournalRecord[]): AttemptTable {
  const table = new AttemptTable();
  for (const record of records) table.apply(record);
  return table;
}

test('a table says what its records said, and forgets what was settled', () => {
  const table = tableOf(history);
  assert.deepEqual(
    table.all().map(({ attemptId, phase }) => [attemptId, phase]),
    [
      ['ended', 'exited'],
      ['runs', 'started'],
      ['refused', 'refused'],
      ['failed', 'failed'],
      ['claimed', 'claimed'],
    ],
  );
  assert.equal(table.get('failed')?.failure, 'no such command');
  assert.equal(table.markerOf('runs'), 'm:runs');
});

test('the first request to stop is the one that counts', () => {
  assert.deepEqual(tableOf(history).get('ended')?.stop, {
    requestedAtMs: 5,
    signal: 'SIGTERM',
    graceMs: 100,
    report: { signals: [{ pid: -7, signal: 'SIGTERM' }], survivors: [] },
  });
});

test('records that are applied twice change nothing', () => {
  assert.deepEqual(tableOf([...history, ...history.slice(0, -1)]).get('ended'), tableOf(history).get('ended'));
});

test('a rewritten journal says the same in fewer words', () => {
  const table = tableOf(history);
  const rewritten = tableOf(table.toRecords());
  assert.deepEqual(rewritten.all(), table.all());
  assert.equal(rewritten.markerOf('ended'), 'm:ended');
});

test('what a dead launcher left unfinished is orphaned, and stays so', () => {
  const table = AttemptTable.fromDead(tableOf(history).toRecords());
  const orphans = table.all().filter(({ isOrphaned }) => isOrphaned);
  assert.deepEqual(
    orphans.map(({ attemptId }) => attemptId),
    ['runs', 'claimed'],
  );
  assert.equal(tableOf(table.toRecords()).get('runs')?.isOrphaned, true);
});

test('a claim that is not durable yet keeps others out and is not written down', () => {
  const table = new AttemptTable();
  table.applyProvisionally({ type: 'claimed', attemptId: 'a', jobId: 'j', marker: 'm:a' });
  assert.equal(table.get('a')?.phase, 'claimed');
  assert.deepEqual(table.toRecords(), []);
  table.confirm('a');
  assert.equal(table.toRecords().length, 1);
  table.retract('a');
  assert.equal(table.get('a'), undefined);
});
