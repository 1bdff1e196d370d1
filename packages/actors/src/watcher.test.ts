import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { Doorbell } from './doorbells.ts';
import { turn } from './testing/link-recorder.ts';
import { WatchWindow } from './watch-window.ts';
import { Watcher, type WatcherParts } from './watcher.ts';

/** A watcher whose time goes on by `stepMs` whenever it looks for a message. */
function makeWatcher(parts: Partial<WatcherParts> & { readonly stepMs?: number }): Watcher {
  const clock = new ManualClock();
  const takeOne = (): boolean => {
    clock.advance(parts.stepMs ?? 0.01);
    return parts.takeOne?.() ?? false;
  };
  return new Watcher({
    clock,
    window: new WatchWindow('balanced', 2),
    bell: new Doorbell(),
    isExpecting: () => true,
    sleep: () => true,
    rise: () => {},
    flush: () => false,
    turnBegins: () => {},
    ...parts,
    takeOne,
  });
}

test('the awaits that a message sets going go on before the next message is taken', async () => {
  const log: string[] = [];
  let left = 3;
  const goOn = async (message: number): Promise<void> => {
    await null;
    await null;
    await null;
    log.push(`end of ${message}`);
  };
  const takeOne = (): boolean => {
    if (left === 0) return false;
    log.push(`message ${left}`);
    void goOn(left--);
    return true;
  };
  makeWatcher({ takeOne }).worked();
  await turn();
  assert.deepEqual(log, ['message 3', 'end of 3', 'message 2', 'end of 2', 'message 1', 'end of 1']);
});

test('what was written is sent before the thread watches', async () => {
  const log: string[] = [];
  const watcher = makeWatcher({
    flush: () => log.push('flush') > 0,
    takeOne: () => {
      log.push('look');
      return false;
    },
  });
  watcher.worked();
  await turn();
  assert.equal(log[0], 'flush');
  assert.ok(log.includes('look'));
});

test('under an endless stream the loop turns once in a millisecond', async () => {
  let taken = 0;
  const watcher = makeWatcher({ stepMs: 0.01, takeOne: () => ++taken < 10_000 });
  watcher.worked();
  for (let turns = 1; turns <= 20; turns++) {
    await turn();
    assert.ok(taken > 0 && taken <= turns * 110, `${taken} messages in ${turns} turns`);
  }
});

test('a thread to which nothing comes goes to sleep', async () => {
  let looks = 0;
  const watcher = makeWatcher({
    takeOne: () => {
      looks++;
      return false;
    },
  });
  watcher.worked();
  await turn();
  const before = looks;
  assert.ok(before > 0 && before <= 10, `${before} looks of 10 µs in a window of 50 µs`);
  await turn();
  assert.equal(looks, before);
});

test('who expects nothing takes what has come and does not watch', async () => {
  let looks = 0;
  const watcher = makeWatcher({
    isExpecting: () => false,
    takeOne: () => ++looks <= 3,
  });
  watcher.worked();
  await turn();
  assert.equal(looks, 4);
});

test('a thread says that it sleeps before it does, and does not when something has come meanwhile', async () => {
  const log: string[] = [];
  let left = 2;
  const watcher = makeWatcher({
    window: new WatchWindow('idle', 2),
    sleep: () => {
      log.push('sleep');
      return left === 0;
    },
    rise: () => log.push('rise'),
    takeOne: () => {
      log.push('look');
      return left-- > 0;
    },
  });
  watcher.woken();
  watcher.worked();
  await turn();
  assert.deepEqual(log, ['rise', 'sleep', 'look', 'sleep', 'look', 'sleep']);
  watcher.worked();
  await turn();
  assert.equal(log.length, 6, 'it sleeps already');
});

test('who watches is up, and says so', async () => {
  const log: string[] = [];
  const watcher = makeWatcher({ sleep: () => log.push('sleep') > 0, rise: () => log.push('rise') });
  watcher.sent();
  await turn();
  assert.deepEqual(log, ['rise', 'sleep']);
});

test('what is written while something is acted on leaves when it was; what is written until the thread looks, with the look', async () => {
  const log: string[] = [];
  const watcher = makeWatcher({ flush: () => log.push('flush') > 0, turnBegins: () => log.push('turn begins') });
  assert.equal(watcher.willLook, false);
  watcher.receives();
  assert.equal(watcher.willLook, true);
  watcher.worked();
  assert.deepEqual(log, ['turn begins', 'flush']);
  assert.equal(watcher.willLook, true);
  await turn();
  assert.deepEqual(log.slice(2), ['flush'], 'the look sends what the microtasks have written');
  assert.equal(watcher.willLook, false);
});

test('a thread that answers and falls asleep learns how long the next message takes to come', () => {
  const clock = new ManualClock();
  clock.advance(1);
  const gapsMs: number[] = [];
  const window = { canOpen: true, next: () => 0, came: (gapMs: number) => gapsMs.push(gapMs) };
  const watcher = makeWatcher({ clock, window: window as unknown as WatchWindow, flush: () => true });
  for (const gapMs of [3, 5]) {
    watcher.receives();
    watcher.worked();
    clock.advance(gapMs);
    watcher.woken();
  }
  assert.deepEqual(gapsMs, [3, 5]);
});

test('a thread that does not watch looks no more, so what its microtasks write leaves by itself', () => {
  const watcher = makeWatcher({ window: new WatchWindow('idle', 2) });
  watcher.receives();
  watcher.worked();
  assert.equal(watcher.willLook, false);
});

test('a message is taken outside the asynchronous context in which the thread wrote before', async () => {
  const storage = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  const watcher = makeWatcher({
    takeOne: () => {
      contexts.push(storage.getStore());
      return contexts.length === 1;
    },
  });
  storage.run('of somebody else', () => watcher.sent());
  await turn();
  assert.ok(contexts.length > 1);
  for (const context of contexts) assert.equal(context, undefined);
});
