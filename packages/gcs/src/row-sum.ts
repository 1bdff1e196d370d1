/**
 * The checksum of a row of `entries`: over all that it says. Pure.
 *
 * SQLite finds damage in its own structure, and the write-ahead log has sums of its own; of a bit that flips in a
 * record on the disk neither knows.
 */
import { crc32 } from 'node:zlib';

export const toRowSum = (table: string, key: string, revision: number, text: string): number =>
  crc32(text, crc32(`${table}\0${key}\0${revision}\0`));
