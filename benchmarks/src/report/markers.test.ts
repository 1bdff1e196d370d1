import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceBetween } from './markers.ts';

test('only what stands between the markers is replaced, also the second time', () => {
  const document = 'before\n<!-- bench:calls -->\nold\n<!-- /bench:calls -->\nafter\n';
  const once = replaceBetween(document, 'calls', 'new $& text');
  assert.equal(once, 'before\n<!-- bench:calls -->\n\nnew $& text\n\n<!-- /bench:calls -->\nafter\n');
  assert.equal(replaceBetween(once, 'calls', 'new $& text'), once);
});

test('a document without the markers is refused by name', () => {
  assert.throws(() => replaceBetween('nothing', 'calls', ''), /Cannot write section "calls"/);
});
