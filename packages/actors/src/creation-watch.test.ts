import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { CreationWatch, judgeCreation, type WatchedCreations } from './creation-watch.ts';

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

function watched() {
  const clock = new ManualClock();
  const thread = { busyMs: 0, constructing: undefined as { cell: number; forMs: number } | undefined };
  const pending = new Set<number>();
  const overdue: number[] = [];
  const again = new Map<number, WatchedCreations>();
  const watch = new CreationWatch<typeof thread>(clock, {
    isPending: (cell) => pending.has(cell),
    hasNeighbours: () => false,
    overdue: (cell) => overdue.push(cell),
    again: (cell, creations) => again.set(cell, creations),
  });
  const start = (cell: number, limitMs = 1_000): WatchedCreations => {
    pending.add(cell);
    return watch.start(cell, thread, limitMs);
  };
  return { clock, thread, pending, overdue, again, watch, start };
}

test('a watch looks at the limit, looks again as told, and not after it was stopped', () => {
  const { clock, thread, pending, overdue, again, watch, start } = watched();
  using _watch = watch;
  start(7);
  const ninth = start(9);
  watch.stop(ninth);
  pending.delete(9);
  thread.constructing = { cell: 7, forMs: 600 };
  clock.advance(1_000);
  assert.deepEqual(overdue, []);
  assert.deepEqual([...again.keys()], [7]);
  thread.constructing = { cell: 7, forMs: 1_000 };
  clock.advance(399);
  assert.deepEqual(overdue, []);
  clock.advance(1);
  assert.deepEqual(overdue, [7]);
  clock.advance(10_000);
  assert.deepEqual(overdue, [7]);
});

test('creations of one millisecond and one limit are due together, others each in their time', () => {
  const { clock, thread, overdue, watch, start } = watched();
  using _watch = watch;
  assert.equal(start(1), start(2));
  assert.notEqual(start(3, 500), start(1));
  clock.advance(1);
  const later = start(4);
  thread.busyMs = 5_000; // Stuck in a module: whoever's time is over is overdue.
  clock.advance(500);
  assert.deepEqual(overdue, [3]);
  clock.advance(499);
  assert.deepEqual(overdue, [3, 1, 2, 1]);
  watch.stop(later);
  clock.advance(10_000);
  assert.deepEqual(overdue, [3, 1, 2, 1]);
});

test('what was constructed in a thread that is over is not watched any more', () => {
  const { clock, thread, overdue, watch, start } = watched();
  using _watch = watch;
  start(1);
  thread.busyMs = 5_000;
  watch.threadOver(thread);
  clock.advance(10_000);
  assert.deepEqual(overdue, []);
});
