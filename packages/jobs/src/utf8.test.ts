import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completeLength, decodeUtf8 } from './utf8.ts';

/** Bytes that are often valid text, often nearly so, often neither. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(
        Buffer.from([0xef, 0xbb, 0xbf]),
        Buffer.from([0xf0, 0x9f]),
        Buffer.from([0xe0, 0x80]),
        Buffer.from([0xed, 0xa0]),
      ),
    ),
    { maxLength: 20 },
  )
  .map((pieces) => Buffer.concat(pieces));

test('text cut into any pieces reads as the WHATWG decoder reads the whole', () => {
  fc.assert(
    fc.property(anyBytes, fc.array(fc.nat(12), { minLength: 1, maxLength: 30 }), (bytes, sizes) => {
      const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      let text = '';
      let rest = Buffer.alloc(0);
      let at = 0;
      for (let turn = 0; at < bytes.length; turn++) {
        const size = Math.max(1, sizes[turn % sizes.length]!);
        const piece = Buffer.concat([rest, bytes.subarray(at, at + size)]);
        at += size;
        const length = completeLength(piece);
        assert.ok(piece.length - length <= 3);
        text += decodeUtf8(piece.subarray(0, length));
        rest = piece.subarray(length);
      }
      assert.equal(text + decodeUtf8(rest), whole);
    }),
    { numRuns: 2000 },
  );
});

test('a byte order mark is kept', () => {
  assert.equal(decodeUtf8(Buffer.from([0xef, 0xbb, 0xbf, 0x61])), '\ufeffa');
});
