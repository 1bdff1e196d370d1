import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { KeepAlive } from './keep-alive.ts';

const holdsLoop = (): boolean => process.getActiveResourcesInfo().includes('Timeout');

class World implements Disposable {
  readonly clock = new ManualClock();
  readonly warnings: string[] = [];
  active = ['PipeWrap', 'Timeout'];
  why: string | undefined = '1 calls are pending';
  readonly keepAlive = new KeepAlive(false, this.clock, () => this.why, {
    active: () => this.active,
    warn: (message) => this.warnings.push(message),
  });

  minutes(count: number): void {
    for (let minute = 0; minute < count; minute++) this.clock.advance(60_000);
  }

  [Symbol.dispose](): void {
    this.keepAlive.end();
  }
}

test('a program that goes on for one pending call alone is told so, once', () => {
  using world = new World();
  world.keepAlive.hold(true);
  world.minutes(1);
  assert.deepEqual(world.warnings, []);
  world.minutes(10);
  assert.deepEqual(world.warnings, [
    'The program goes on for this alone, and no thread is at work: 1 calls are pending',
  ]);
});

test('nothing is said while calls come and go, while a thread works, or while the program has other things to do', () => {
  using world = new World();
  for (let minute = 0; minute < 5; minute++) {
    world.keepAlive.hold(true);
    world.minutes(1);
    world.keepAlive.hold(false);
  }
  world.minutes(5);
  world.keepAlive.hold(true);
  world.why = undefined;
  world.minutes(5);
  world.why = 'a call';
  world.active = ['Timeout', 'TCPServerWrap'];
  world.minutes(5);
  assert.deepEqual(world.warnings, []);
});

test('the loop is held while a call is pending, and not otherwise', () => {
  const keepAlive = new KeepAlive(false, new ManualClock(), () => undefined);
  assert.equal(holdsLoop(), false);
  keepAlive.hold(true);
  assert.equal(holdsLoop(), true);
  keepAlive.hold(false);
  assert.equal(holdsLoop(), false);
  keepAlive.end();
});

test('while a runtime closes the loop is held until the end, also when nothing is pending any more', () => {
  const keepAlive = new KeepAlive(false, new ManualClock(), () => undefined);
  keepAlive.holdToEnd();
  keepAlive.hold(false);
  assert.equal(holdsLoop(), true);
  keepAlive.end();
  assert.equal(holdsLoop(), false);
});
