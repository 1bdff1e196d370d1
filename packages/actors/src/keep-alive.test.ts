import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeepAlive } from './keep-alive.ts';

const holdsLoop = (): boolean => process.getActiveResourcesInfo().includes('Timeout');

test('the loop is held while a call is pending, and not otherwise', () => {
  const keepAlive = new KeepAlive(false);
  assert.equal(holdsLoop(), false);
  keepAlive.hold(true);
  assert.equal(holdsLoop(), true);
  keepAlive.hold(false);
  assert.equal(holdsLoop(), false);
  keepAlive.end();
});

test('while a runtime closes the loop is held until the end, also when nothing is pending any more', () => {
  const keepAlive = new KeepAlive(false);
  keepAlive.holdToEnd();
  keepAlive.hold(false);
  assert.equal(holdsLoop(), true);
  keepAlive.end();
  assert.equal(holdsLoop(), false);
});
