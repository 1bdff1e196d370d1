import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { Heartbeat, SharedBeat } from './heartbeat.ts';
import { turn } from './testing/link-recorder.ts';

/** The heartbeat of a thread, as the thread has it and as the driver has it, at a time that is told. */
function makeHeartbeats() {
  const clock = new ManualClock();
  clock.advance(1_000);
  const words = new SharedBeat();
  return { clock, thread: new Heartbeat(clock, words), driver: new Heartbeat(clock, new SharedBeat(words.buffer)) };
}

test('a thread whose turns are bounded looks busy until its loop has turned, and no longer', async () => {
  const { clock, thread, driver } = makeHeartbeats();
  driver.bounds();
  thread.turnBegins();
  clock.advance(70);
  assert.equal(driver.busyMs(), 70);
  await turn();
  assert.equal(driver.busyMs(), 0);
});

test('any other thread may look busy for 20 ms too long', async () => {
  const { clock, thread, driver } = makeHeartbeats();
  thread.turnBegins();
  await turn();
  clock.advance(19);
  assert.equal(driver.busyMs(), 19);
  clock.advance(1);
  assert.equal(driver.busyMs(), 0);
  thread.turnBegins();
  clock.advance(5);
  assert.equal(driver.busyMs(), 5, 'the next turn begins anew');
});

test('a constructor is seen from its beginning to its end, and the turn with it', async () => {
  const { clock, thread, driver } = makeHeartbeats();
  driver.bounds();
  thread.constructs(7);
  clock.advance(30);
  assert.deepEqual(driver.constructing, { cell: 7, forMs: 30 });
  assert.equal(driver.busyMs(), 30);
  thread.constructed();
  assert.equal(driver.constructing, undefined);
  await turn();
  assert.equal(driver.busyMs(), 0);
});
