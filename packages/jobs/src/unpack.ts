/**
 * Unpacks a zip archive into a directory that it makes. What may be unpacked is judged before anything is written
 * (`archive-judge.ts`); files keep their modes, without setuid, setgid and sticky bits.
 *
 * @throws ArchiveError when the archive is refused or damaged; the system's error when the disk fails. What was
 * written by then is the caller's to remove.
 */
import { chmod, mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import {
  ARCHIVE_LIMITS,
  type ArchiveEntry,
  type ArchiveLink,
  isDirectory,
  isLink,
  judgeArchive,
  judgeLinks,
} from './archive-judge.ts';

/** Of those that the archive does not name, or without a mode: not the daemon's umask decides who may write. */
const DIRECTORY_MODE = 0o755;

/** The archive cannot be unpacked, whoever tries again. The message says why. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

interface PackedEntry extends ArchiveEntry {
  readonly packed: Entry;
}

export async function unpack(archive: string, directory: string): Promise<void> {
  const zip = await openZip(archive);
  try {
    const entries = await readEntries(zip);
    refuse(judgeArchive(entries, zip.fileSize));
    const links = await readLinks(zip, entries.filter(isLink));
    refuse(judgeLinks(links));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const entry of entries) if (!isLink(entry)) await write(zip, entry, directory);
    for (const { name, target } of links) await link(join(directory, name), target);
    // Last: a directory that may not be written into must be filled before.
    for (const entry of entries.filter(isDirectory))
      await chmod(join(directory, entry.name), modeOf(entry, DIRECTORY_MODE) | 0o700);
  } finally {
    zip.close();
  }
}

async function openZip(archive: string): Promise<ZipFile> {
  try {
    return await openPromise(archive, { lazyEntries: true, decodeStrings: false, autoClose: false });
  } catch (error) {
    throw asArchiveError(error);
  }
}

async function readEntries(zip: ZipFile): Promise<PackedEntry[]> {
  if (zip.entryCount > ARCHIVE_LIMITS.entriesMax)
    refuse(`it has ${zip.entryCount} entries, and ${ARCHIVE_LIMITS.entriesMax} are allowed`);
  const entries: PackedEntry[] = [];
  try {
    for await (const packed of zip.eachEntry()) entries.push(toEntry(packed));
  } catch (error) {
    throw asArchiveError(error);
  }
  return entries;
}

function toEntry(packed: Entry): PackedEntry {
  const { generalPurposeBitFlag, fileNameRaw, extraFields, externalFileAttributes, uncompressedSize } = packed;
  const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  return { name, mode: externalFileAttributes >>> 16, uncompressedSize, packed };
}

async function readLinks(zip: ZipFile, entries: readonly PackedEntry[]): Promise<ArchiveLink[]> {
  const links: ArchiveLink[] = [];
  for (const { name, packed } of entries)
    links.push({ name, target: (await contentOf(zip, packed, buffer)).toString('utf8') });
  return links;
}

async function write(zip: ZipFile, entry: PackedEntry, directory: string): Promise<void> {
  const path = join(directory, entry.name);
  if (isDirectory(entry)) {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    return;
  }
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await using file = await open(path, 'wx', 0o600);
  await contentOf(zip, entry.packed, async (content) => {
    for await (const chunk of content) await file.writeFile(chunk);
  });
  await file.chmod(modeOf(entry, 0o644));
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await symlink(target, path);
}

type Content = AsyncIterable<Buffer>;

/** Damage shows while the content is read: a wrong length or checksum, a broken stream, an encrypted entry. */
async function contentOf<T>(zip: ZipFile, packed: Entry, read: (content: Content) => Promise<T>): Promise<T> {
  try {
    return await read(checked(await zip.openReadStreamPromise(packed), packed));
  } catch (error) {
    throw asArchiveError(error);
  }
}

/** The library counts the bytes and leaves the checksum to its caller. */
async function* checked(content: Readable, { crc32: expected }: Entry): Content {
  let found = 0;
  for await (const chunk of content as Content) {
    found = crc32(chunk, found);
    yield chunk;
  }
  if (found !== expected) throw new Error('an entry does not have the checksum that the archive names');
}

/** Without what would make others run a file as its owner. */
const modeOf = ({ mode }: ArchiveEntry, unsaid: number): number => ((mode & 0o777) === 0 ? unsaid : mode & 0o777);

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new ArchiveError(problem);
}

/** The disk's own errors stay what they are. */
function asArchiveError(error: unknown): unknown {
  const isSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string';
  return isSystem ? error : new ArchiveError(`it cannot be read: ${(error as Error).message}`, { cause: error });
}
