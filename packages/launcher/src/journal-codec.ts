/**
 * Journal records as bytes, and back; and what damaged bytes mean. Pure.
 *
 * A record is a header of 20 bytes and its text:
 *
 *   length   u32  of the text, in bytes
 *   seq      u32  1, 2, 3 … within the file
 *   durable  u32  the highest sequence number known to be durable when this one was written
 *   textCrc  u32  of the text
 *   headCrc  u32  of the 16 bytes before it
 *
 * The text is JSON, so it has no NUL byte. The file is written ahead with NUL bytes: a NUL header is the end.
 *
 * Two kinds of damage look alike at first and must not be treated alike. A *torn* tail is a write that was never
 * finished, so nobody was told of it: it is dropped. A *flipped* bit is a fact that somebody was told of and that
 * can no longer be read: the whole journal is refused, loudly. A record is torn only if bytes of it are missing
 * (the file ends, or a whole sector of it is NUL) and no intact record after it knows it to be durable.
 */
import { crc32 } from 'node:zlib';
import { Failure } from './failure.ts';

const HEADER_BYTES = 20;
/** Storage keeps or loses whole sectors of this size. */
const SECTOR_BYTES = 512;

/** Bytes of one record. */
export function encodeRecord(value: unknown, seq: number, durableSeq: number): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + text.length);
  bytes.writeUInt32LE(text.length, 0);
  bytes.writeUInt32LE(seq, 4);
  bytes.writeUInt32LE(durableSeq, 8);
  bytes.writeUInt32LE(crc32(text), 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  text.copy(bytes, HEADER_BYTES);
  return bytes;
}

export interface DecodedJournal {
  readonly records: readonly unknown[];
  /** Where the intact records end. */
  readonly endOffset: number;
  /** Something followed that was never finished and has been dropped. */
  readonly torn: boolean;
}

/**
 * Everything in a journal's bytes.
 *
 * @throws Failure JOURNAL_DAMAGED, with the offset, when a record that may have been durable cannot be read.
 */
export function decodeJournal(bytes: Buffer): DecodedJournal {
  const records: unknown[] = [];
  let at = 0;
  for (let seq = 1; ; seq++) {
    const header = readHeader(bytes, at);
    if (header === undefined || header.seq !== seq || !isTextIntact(bytes, at, header)) {
      return { records, endOffset: at, torn: judgeTail(bytes, at, seq, header) === 'torn' };
    }
    const textAt = at + HEADER_BYTES;
    records.push(JSON.parse(bytes.toString('utf8', textAt, textAt + header.length)));
    at = textAt + header.length;
  }
}

interface Header {
  readonly length: number;
  readonly seq: number;
  readonly durableSeq: number;
  readonly textCrc: number;
}

/** The header at `at`, if it is whole and intact. */
function readHeader(bytes: Buffer, at: number): Header | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  if (length === 0 || crc32(bytes.subarray(at, at + 16)) !== bytes.readUInt32LE(at + 16)) return undefined;
  return {
    length,
    seq: bytes.readUInt32LE(at + 4),
    durableSeq: bytes.readUInt32LE(at + 8),
    textCrc: bytes.readUInt32LE(at + 12),
  };
}

function isTextIntact(bytes: Buffer, at: number, header: Header): boolean {
  const textAt = at + HEADER_BYTES;
  if (textAt + header.length > bytes.length) return false;
  return crc32(bytes.subarray(textAt, textAt + header.length)) === header.textCrc;
}

function judgeTail(bytes: Buffer, at: number, seq: number, header: Header | undefined): 'end' | 'torn' {
  if (isNul(bytes, at, bytes.length)) return 'end';
  const end = at + HEADER_BYTES + (header?.length ?? 0);
  const isOfThisPlace = header === undefined || header.seq === seq;
  if (!isOfThisPlace || !hasMissingBytes(bytes, at, end) || isKnownDurable(bytes, at, seq)) {
    throw new Failure(
      'JOURNAL_DAMAGED',
      `Cannot read the journal: record ${seq} at byte ${at} is damaged, and it may have been durable`,
      { offset: at, seq },
    );
  }
  return 'torn';
}

/** Whether the file ends before `end`, or what lies between is NUL for the whole of a sector's share. */
function hasMissingBytes(bytes: Buffer, at: number, end: number): boolean {
  if (end > bytes.length) return true;
  for (let from = at; from < end; ) {
    const sectorEnd = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    if (isNul(bytes, from, sectorEnd)) return true;
    from = sectorEnd;
  }
  return false;
}

/** Whether an intact record further on was written when number `seq` was already durable. */
function isKnownDurable(bytes: Buffer, at: number, seq: number): boolean {
  for (let from = at; from + HEADER_BYTES <= bytes.length; from++) {
    const header = readHeader(bytes, from);
    if (header !== undefined && header.durableSeq >= seq && isTextIntact(bytes, from, header)) return true;
  }
  return false;
}

function isNul(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}
