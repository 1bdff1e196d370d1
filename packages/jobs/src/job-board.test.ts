import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobStatus } from '@heddle/api';
import { JobBoard } from './job-board.ts';
import { pending } from './testing/records.ts';

const entry = (submissionId: string, revision: number, status: JobStatus = 'PENDING') => ({
  key: submissionId,
  revision,
  value: pending({ submissionId, status }),
});

const makeBoard = () => {
  const changes: string[] = [];
  return {
    board: new JobBoard(
      (submissionId) => changes.push(submissionId),
      () => 42,
    ),
    changes,
  };
};

test('a board counts what is not over', () => {
  const { board } = makeBoard();
  board.put(entry('a', 1));
  board.put(entry('b', 2));
  assert.equal(board.openCount, 2);
  board.put(entry('a', 3, 'RUNNING'));
  assert.equal(board.openCount, 2);
  board.put(entry('a', 4, 'FAILED'));
  assert.equal(board.openCount, 1);
  assert.deepEqual([board.isOver('a'), board.isOver('b'), board.isOver('unknown')], [true, false, true]);
  assert.equal(board.get('a')?.overSinceMs, 42);
});

test('older news and news heard twice change nothing', () => {
  const { board, changes } = makeBoard();
  board.put(entry('a', 3, 'RUNNING'));
  board.put(entry('a', 1));
  board.apply({ type: 'put', table: 'jobs', ...entry('a', 3, 'RUNNING') });
  board.apply({ type: 'delete', table: 'jobs', key: 'a', revision: 2 });
  assert.equal(board.get('a')?.status, 'RUNNING');
  assert.deepEqual(changes, ['a']);
});

test('a listener hears every change of its job, a deletion included, until it is disposed', () => {
  const { board } = makeBoard();
  let heard = 0;
  const listening = board.listen('a', () => heard++);
  board.put(entry('a', 1));
  board.put(entry('b', 2));
  board.apply({ type: 'delete', table: 'jobs', key: 'a', revision: 3 });
  assert.equal(heard, 2);
  listening[Symbol.dispose]();
  board.put(entry('a', 4));
  assert.equal(heard, 2);
});

test('reading all again drops what was deleted unheard, and keeps what is younger than the reading', () => {
  const { board } = makeBoard();
  board.put(entry('deleted', 1, 'SUCCEEDED'));
  board.put(entry('young', 9));
  board.put(entry('a', 5));
  board.retain(new Set(['a']), 7);
  assert.deepEqual([...board.jobs].map((job) => job.submissionId).sort(), ['a', 'young']);
  assert.equal(board.openCount, 2);
});
