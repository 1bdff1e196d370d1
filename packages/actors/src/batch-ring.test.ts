import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BY_PORT, Outcome, RING_BYTES, RING_SLOTS, RingReader, RingWriter } from './batch-ring.ts';

function makeRing(): { readonly writer: RingWriter; readonly reader: RingReader } {
  const buffer = new SharedArrayBuffer(RING_BYTES);
  const places = { words: new Int32Array(new SharedArrayBuffer(8)), written: 0, read: 1 };
  return { writer: new RingWriter(buffer, 0, places), reader: new RingReader(buffer, 0, places) };
}

const field = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(undefined, null, -0, Number.NaN, 2 ** 31, -(2 ** 31), ''),
  fc.string({ maxLength: 16, unit: 'binary-ascii' }),
);

test('what is written is read, in order, around the end of the ring any number of times', () => {
  const { writer, reader } = makeRing();
  const batch = fc.array(field, { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), (batches) => {
      for (const each of batches) assert.equal(writer.write(each), Outcome.Written);
      assert.deepEqual(
        batches.map(() => reader.take()),
        batches,
      );
      assert.ok(reader.isEmpty);
    }),
    { numRuns: 300 },
  );
});

test('a batch with a field that has no place in the ring is refused whole, and what follows is written in its place', () => {
  const { writer, reader } = makeRing();
  for (const unfit of [{}, 1n, Symbol.iterator, 'x'.repeat(17), '\u0100', () => 0]) {
    assert.equal(writer.write([1, 'two', unfit]), Outcome.Unfit);
    assert.ok(reader.isEmpty);
    writer.write([3]);
    assert.deepEqual(reader.take(), [3]);
  }
  assert.equal(writer.write(new Array(RING_SLOTS).fill(0)), Outcome.Unfit);
});

test('a full ring takes no more until it was read', () => {
  const { writer, reader } = makeRing();
  const batch = new Array(2_000).fill(0.5);
  let written = 0;
  while (writer.write(batch) === Outcome.Written) written++;
  assert.ok(written >= 2 && written <= RING_SLOTS / 4_000, `${written}`);
  assert.equal(writer.write(batch), Outcome.NoRoom);
  for (let read = 0; read < written; read++) assert.deepEqual(reader.take(), batch);
  assert.equal(writer.write(batch), Outcome.Written);
});

test('a mark gives the port its turn for so many batches', () => {
  const { writer, reader } = makeRing();
  writer.write([1]);
  writer.mark(2);
  writer.write([2]);
  assert.deepEqual(reader.take(), [1]);
  for (let turn = 0; turn < 2; turn++) {
    assert.equal(reader.take(), BY_PORT);
    assert.equal(reader.take(), BY_PORT, 'until it has come');
    reader.tookFromPort();
  }
  assert.deepEqual(reader.take(), [2]);
  assert.ok(reader.isEmpty);
});

test('texts that look alike are not taken for each other', () => {
  const { writer, reader } = makeRing();
  for (let text = 0; text < 5_000; text++) {
    const batch = [`a${text}`, `b${text % 300}`, String.fromCharCode(text % 256), ''];
    writer.write(batch);
    assert.deepEqual(reader.take(), batch);
  }
});
