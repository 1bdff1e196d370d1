import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay } from './clock.ts';
import { ManualClock } from './manual-clock.ts';

test('a manual clock runs what falls due, in order of its time, each at its own time', () => {
  const clock = new ManualClock();
  const ran: [string, number][] = [];
  clock.after(20, () => ran.push(['late', clock.monotonicMs()]));
  clock.after(10, () => ran.push(['early', clock.monotonicMs()]));
  clock.advance(15);
  assert.deepEqual(ran, [['early', 10]]);
  clock.advance(5);
  assert.deepEqual(ran.at(-1), ['late', 20]);
  assert.equal(clock.pendingTimers, 0);
});

test('a cancelled timer does not run', () => {
  const clock = new ManualClock();
  let runs = 0;
  clock.after(10, () => runs++).cancel();
  clock.advance(20);
  assert.equal(runs, 0);
});

test('a periodic timer runs once per period until it is disposed', () => {
  const clock = new ManualClock();
  let runs = 0;
  {
    using _timer = clock.every(10, () => runs++);
    clock.advance(35);
  }
  clock.advance(100);
  assert.equal(runs, 3);
});

test('a timer set by a timer within the advanced time runs too', () => {
  const clock = new ManualClock();
  let ran = false;
  clock.after(10, () => {
    clock.after(10, () => {
      ran = true;
    });
  });
  clock.advance(20);
  assert.ok(ran);
});

test('a delay rejects with the reason of its signal and leaves no timer', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const waiting = delay(clock, 1000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(clock.pendingTimers, 0);
});
