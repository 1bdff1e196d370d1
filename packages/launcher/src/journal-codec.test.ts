import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Failure } from './failure.ts';
import { decodeJournal, encodeRecord } from './journal-codec.ts';

const AHEAD = Buffer.alloc(4096);

/** A journal of these records, each written alone and made durable before the next; its records' offsets. */
function journalOf(records: readonly unknown[]): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  const parts = records.map((record, index) => encodeRecord(record, index + 1, index));
  let end = 0;
  const ends = parts.map((part) => (end += part.length));
  return { bytes: Buffer.concat(parts), ends };
}

const anyRecord = fc.record(
  { type: fc.string(), text: fc.string({ unit: 'grapheme', maxLength: 700 }) },
  { noNullPrototype: true },
);
const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 8 });

const isDamaged = (error: unknown): boolean => error instanceof Failure && error.code === 'JOURNAL_DAMAGED';

test('what was written is read back, with room written ahead and without', () => {
  fc.assert(
    fc.property(anyRecords, (records) => {
      const { bytes } = journalOf(records);
      for (const file of [bytes, Buffer.concat([bytes, AHEAD])]) {
        assert.deepEqual(decodeJournal(file), { records, endOffset: bytes.length, torn: false });
      }
    }),
  );
});

test('a file that ends anywhere within its last record has lost that record only', () => {
  const { bytes, ends } = journalOf([{ a: 1 }, { b: 2 }, { c: 'last' }]);
  for (let length = ends[1]! + 1; length < bytes.length; length++) {
    const { records, torn } = decodeJournal(bytes.subarray(0, length));
    assert.deepEqual(records, [{ a: 1 }, { b: 2 }]);
    assert.equal(torn, true);
  }
});

test('a last write of which some sectors never reached the disk is dropped whole', () => {
  fc.assert(
    fc.property(anyRecords, fc.nat(), fc.integer({ min: 1, max: 5 }), (records, salt, lostSectors) => {
      const synced = journalOf(records).bytes;
      const durable = records.length;
      const last = [1, 2, 3].map((each) => encodeRecord({ each, text: 'x'.repeat(600) }, durable + each, durable));
      const file = Buffer.concat([synced, ...last, AHEAD]);
      const from = synced.length;
      const to = file.length - AHEAD.length;
      let lost = 0;
      for (let sector = 0; sector < lostSectors; sector++) {
        const start = Math.max(from, Math.floor((from + ((salt + sector * 977) % (to - from))) / 512) * 512);
        lost += file.fill(0, start, Math.min(to, Math.floor(start / 512) * 512 + 512)).length;
      }
      assert.ok(lost > 0);
      const decoded = decodeJournal(file);
      assert.deepEqual(decoded.records.slice(0, durable), records);
      assert.ok(decoded.records.length < durable + 3);
    }),
  );
});

test('a flipped bit anywhere is refused, in the last record as in the first', () => {
  const { bytes } = journalOf([{ first: 'record' }, { second: 'one' }, { third: 'and last' }]);
  for (const tail of [AHEAD, Buffer.alloc(0)]) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const file = Buffer.concat([bytes, tail]);
      file[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => decodeJournal(file), isDamaged, `bit ${bit}`);
    }
  }
});

test('a record that a later one knows to be durable is not dropped as torn', () => {
  const { bytes, ends } = journalOf([{ a: 1 }, { b: 'x'.repeat(2000) }, { c: 3 }]);
  bytes.fill(0, ends[0]!, ends[1]!);
  assert.throws(() => decodeJournal(bytes), isDamaged);
});

test('the refusal names the place', () => {
  const { bytes, ends } = journalOf([{ a: 1 }, { b: 2 }]);
  bytes[ends[0]! + 25]! ^= 1;
  assert.throws(() => decodeJournal(bytes), {
    message: `Cannot read the journal: record 2 at byte ${ends[0]} is damaged, and it may have been durable`,
    details: { offset: ends[0], seq: 2 },
  });
});

test('an empty file and one that is only written ahead say nothing', () => {
  assert.deepEqual(decodeJournal(Buffer.alloc(0)).records, []);
  assert.deepEqual(decodeJournal(AHEAD), { records: [], endOffset: 0, torn: false });
});
