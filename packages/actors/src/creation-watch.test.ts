import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { CreationWatch, judgeCreation, type WatchedCreation } from './creation-watch.ts';

const creation = {
  cell: 7,
  limitMs: 1_000,
  thread: { busyMs: 0, constructing: undefined },
  isPending: () => true,
  hasNeighbours: () => false,
};
const constructing = (cell: number, forMs: number) => ({ busyMs: forMs, constructing: { cell, forMs } });

test('a constructor that has run for its whole limit is overdue, also when its actor was killed meanwhile', () => {
  const stuck = { ...creation, thread: constructing(7, 1_000) };
  assert.deepEqual(judgeCreation(stuck), { verdict: 'overdue' });
  assert.deepEqual(judgeCreation({ ...stuck, isPending: () => false }), { verdict: 'overdue' });
});

test('a constructor that began late has what is left of its limit', () => {
  const late = { ...creation, thread: constructing(7, 300) };
  assert.deepEqual(judgeCreation(late), { verdict: 'look again', inMs: 700 });
});

test('a creation that waits behind another constructor or a busy actor is not at fault', () => {
  const behind = { ...creation, thread: constructing(8, 5_000) };
  assert.deepEqual(judgeCreation(behind), { verdict: 'look again', inMs: 1_000 });
  const busy = { ...creation, thread: { busyMs: 5_000, constructing: undefined }, hasNeighbours: () => true };
  assert.deepEqual(judgeCreation(busy), { verdict: 'look again', inMs: 1_000 });
});

test('a thread that does not turn while nobody lives there is stuck in a module', () => {
  const stuck = { ...creation, thread: { busyMs: 1_000, constructing: undefined } };
  assert.deepEqual(judgeCreation(stuck), { verdict: 'overdue' });
});

test('a creation that nobody waits for is let be once its constructor does not run', () => {
  assert.deepEqual(judgeCreation({ ...creation, isPending: () => false }), { verdict: 'let be' });
});

test('a watch looks at the limit, looks again as told, and not after it was stopped', () => {
  const clock = new ManualClock();
  using watch = new CreationWatch(clock);
  const thread = { busyMs: 0, constructing: undefined as { cell: number; forMs: number } | undefined };
  let overdue = 0;
  const watched: WatchedCreation = { ...creation, thread, overdue: () => overdue++ };
  watch.start(watched);
  watch.start({ ...watched, cell: 9 });
  watch.stop(9);
  thread.constructing = { cell: 7, forMs: 600 };
  clock.advance(1_000);
  assert.equal(overdue, 0);
  thread.constructing = { cell: 7, forMs: 1_000 };
  clock.advance(399);
  assert.equal(overdue, 0);
  clock.advance(1);
  assert.equal(overdue, 1);
  clock.advance(10_000);
  assert.equal(overdue, 1);
});
