import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAME_CHARS_MAX, FRAME_LINES_MAX, toFrames } from './log-frames.ts';

const isWhole = (frame: string) => frame.isWellFormed();

test('frames are ten lines each', () => {
  const lines = Array.from({ length: 25 }, (_, at) => `line ${at}\n`);
  assert.deepEqual(
    [...toFrames(lines.join(''))],
    [lines.slice(0, 10).join(''), lines.slice(10, 20).join(''), lines.slice(20).join('')],
  );
});

test('a long line is split, and never inside a character', () => {
  const frames = [...toFrames(`x${'😀'.repeat(FRAME_CHARS_MAX)}\nend`)];
  assert.ok(frames.length > 2);
  assert.ok(frames.every((frame) => isWhole(frame) && frame.length <= FRAME_CHARS_MAX));
});

test('frames joined are the text, and each keeps to both limits', () => {
  const anyText = fc
    .array(
      fc
        .tuple(fc.constantFrom('a', '\n', 'b\n', '😀', '\r\n', 'x'.repeat(9000)), fc.nat(30))
        .map(([s, n]) => s.repeat(n)),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(anyText, (text) => {
      const frames = [...toFrames(text)];
      assert.equal(frames.join(''), text);
      for (const frame of frames) {
        assert.ok(frame.length > 0 && frame.length <= FRAME_CHARS_MAX && isWhole(frame));
        assert.ok(frame.split('\n').length - 1 <= FRAME_LINES_MAX);
      }
    }),
    { numRuns: 50 },
  );
});
