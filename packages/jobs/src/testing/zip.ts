/**
 * Writes zip archives byte by byte, so that they may hold what no honest writer would write. Entries are stored, not
 * compressed, unless `deflate` says so.
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** `st_mode`; default a file of 0644, or a directory of 0755 where the name ends in a slash. */
  readonly mode?: number;
  readonly deflate?: boolean;
  /** Told instead of the true length. */
  readonly uncompressedSize?: number;
}

export const LINK_MODE = 0o120_777;

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = encode(entry, offset);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  return Buffer.concat([...parts, index, endOf(entries.length, index.length, offset)]);
}

function encode(entry: ZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name);
  const content = Buffer.from(entry.content ?? '');
  const data = entry.deflate ? deflateRawSync(content) : content;
  const mode = entry.mode ?? (entry.name.endsWith('/') ? 0o040_755 : 0o100_644);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // Version needed.
  common.writeUInt16LE(0x0800, 2); // The name is UTF-8.
  common.writeUInt16LE(entry.deflate ? 8 : 0, 4);
  common.writeUInt16LE(0x21, 8); // 1 January 1980.
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(entry.uncompressedSize ?? content.length, 18);
  common.writeUInt16LE(name.length, 22);

  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]),
    central: Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, name]), // Made on Unix.
  };
}

function endOf(count: number, length: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
