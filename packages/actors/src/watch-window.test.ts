import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LATENCIES, WatchWindow } from './watch-window.ts';

/** Feeds a window with messages whose gap depends on whether the thread watches, and counts how often it did. */
function converse(window: WatchWindow, messages: number, gapMs: (isWatching: boolean) => number): number {
  let watched = 0;
  for (let message = 0; message < messages; message++) {
    const isWatching = window.next() > 0;
    if (isWatching) watched++;
    window.came(gapMs(isWatching));
  }
  return watched;
}

test('on one processor no window ever opens, and with latency "idle" on no machine', () => {
  for (const latency of LATENCIES) assert.equal(new WatchWindow(latency, 1).canOpen, false);
  assert.equal(new WatchWindow('idle', 64).canOpen, false);
  assert.equal(new WatchWindow('idle', 64).next(), 0);
});

test('a thread whose messages come at once when it watches always watches', () => {
  assert.equal(
    converse(new WatchWindow('balanced', 2), 5_000, () => 0.002),
    5_000,
  );
});

test('"low" watches longer than "balanced"', () => {
  assert.ok(new WatchWindow('low', 2).next() > new WatchWindow('balanced', 2).next());
});

test('a thread that is seldom called stops watching', () => {
  const window = new WatchWindow('balanced', 2);
  converse(window, 100, () => 30);
  assert.equal(
    converse(window, 1_000, () => 30),
    0,
  );
});

test('a thread whose messages come sooner while it sleeps watches for hardly any of them', () => {
  const window = new WatchWindow('balanced', 2);
  const busyMachine = (isWatching: boolean) => (isWatching ? 0.075 : 0.018);
  converse(window, 40, busyMachine);
  assert.ok(converse(window, 10_000, busyMachine) <= 250, 'at most in 2.5 % of the cases');
});

test('a thread that stopped watching on a busy machine watches again when the machine is free', () => {
  const window = new WatchWindow('balanced', 2);
  converse(window, 1_000, (isWatching) => (isWatching ? 0.075 : 0.018));
  converse(window, 2_000, (isWatching) => (isWatching ? 0.002 : 0.04));
  assert.equal(
    converse(window, 1_000, () => 0.002),
    1_000,
  );
});

test('two threads that both sleep find that both watching is best, although one alone is worse off watching', () => {
  const [here, there] = [new WatchWindow('balanced', 2), new WatchWindow('balanced', 2)];
  const exchange = (costMs: readonly [bothSleep: number, oneSleeps: number, bothWatch: number]): number => {
    const watching = Number(here.next() > 0) + Number(there.next() > 0);
    here.came(costMs[watching]!);
    there.came(costMs[watching]!);
    return watching;
  };
  for (let message = 0; message < 2_000; message++) exchange([0.018, 0.028, 0.07]);
  for (let message = 0; message < 3_000; message++) exchange([0.018, 0.028, 0.003]);
  assert.equal(exchange([0.018, 0.028, 0.003]), 2);
});

test('a conversation after a silence soon finds that watching pays', () => {
  const window = new WatchWindow('balanced', 2);
  converse(window, 100, () => 30);
  converse(window, 40, (isWatching) => (isWatching ? 0.002 : 0.04));
  assert.ok(window.next() > 0);
});
