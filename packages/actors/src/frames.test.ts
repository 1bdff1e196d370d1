import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeValue, encodeFrame, Frame, FrameReader } from './frames.ts';

const kinds = fc.constantFrom(...Object.values(Frame));
const values = fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.uint8Array({ maxLength: 5_000 }));
const frames = fc.array(fc.record({ kind: kinds, consumed: fc.integer(), value: values }, { noNullPrototype: true }), {
  maxLength: 20,
});

test('frames are read as they were written, however the bytes are divided', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(200)), (written, sizes) => {
      const bytes = Buffer.concat(written.map(({ kind, consumed, value }) => encodeFrame(kind, consumed, value)));
      const read: unknown[] = [];
      const reader = new FrameReader();
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const end = at + 1 + (sizes[cut % Math.max(1, sizes.length)] ?? 5_000);
        reader.push(bytes.subarray(at, end), ({ kind, consumed, body }) => {
          read.push({ kind, consumed, value: body.length === 0 ? undefined : decodeValue(body) });
        });
        at = end;
      }
      assert.deepStrictEqual(read, written);
    }),
    { numRuns: 200 },
  );
});

test('what is read shares no memory with what was written', () => {
  const value = { bytes: new Uint8Array([1, 2, 3]) };
  const frame = encodeFrame(Frame.Batch, 0, [value]);
  const read: { bytes: Uint8Array }[] = [];
  new FrameReader().push(frame, ({ body }) => read.push(...(decodeValue(body) as typeof read)));
  frame.fill(0);
  assert.deepEqual(read, [value]);
});
