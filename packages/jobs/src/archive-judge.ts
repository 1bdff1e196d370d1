/**
 * Whether an uploaded archive may be unpacked. Pure, and decided before anything is written.
 *
 * Who uploads an archive may run programs here anyway, but its name says only where it came from: it must not be able
 * to write beside its own directory, fill the disk, or mean different files to different readers. So the whole
 * archive is refused for one bad entry, and the refusal names it.
 */
export interface ArchiveEntry {
  /** With a slash at the end for a directory. */
  readonly name: string;
  /** The bits of `st_mode`, 0 where the archive does not say. */
  readonly mode: number;
  readonly uncompressedSize: number;
}

/** A link whose target has been read. */
export interface ArchiveLink {
  readonly name: string;
  readonly target: string;
}

export const ARCHIVE_LIMITS = {
  entriesMax: 50_000,
  unpackedBytesMax: 2 * 1024 * 1024 * 1024,
  /** Unpacked for packed bytes; what unpacks to a megabyte at most is no bomb, however well it was packed. */
  ratioMax: 100,
  ratioFreeBytes: 1024 * 1024,
  linkTargetBytesMax: 4_096,
} as const;

const KIND_BITS = 0o170_000;
const DIRECTORY = 0o040_000;
const FILE = 0o100_000;
const LINK = 0o120_000;

export const isLink = ({ mode }: ArchiveEntry): boolean => (mode & KIND_BITS) === LINK;
export const isDirectory = ({ name }: ArchiveEntry): boolean => name.endsWith('/');

/** Why the archive is refused; undefined: its entries may be unpacked, its links once they were judged too. */
export function judgeArchive(entries: readonly ArchiveEntry[], packedBytes: number): string | undefined {
  if (entries.length > ARCHIVE_LIMITS.entriesMax)
    return `it has ${entries.length} entries, and ${ARCHIVE_LIMITS.entriesMax} are allowed`;
  for (const entry of entries) {
    const problem = judgeName(entry.name) ?? judgeKind(entry);
    if (problem !== undefined) return `its entry ${quoteName(entry.name)} ${problem}`;
  }
  return judgeSize(entries, packedBytes) ?? judgeTree(entries);
}

function judgeName(name: string): string | undefined {
  if (name.includes('\0')) return 'has a NUL character in its name';
  if (name.includes('\\')) return 'has a backslash in its name';
  if (name.startsWith('/')) return 'has an absolute path';
  if (/^[A-Za-z]:/.test(name)) return 'begins with a drive letter';
  const segments = name.replace(/\/$/, '').split('/');
  if (segments.includes('..')) return 'leads out of the archive';
  if (segments.some((segment) => segment === '' || segment === '.')) return 'has an empty part in its path';
  return undefined;
}

function judgeKind(entry: ArchiveEntry): string | undefined {
  const kind = entry.mode & KIND_BITS;
  if (isDirectory(entry)) return kind === 0 || kind === DIRECTORY ? undefined : 'is a directory and something else';
  if (kind !== 0 && kind !== FILE && kind !== LINK) return 'is neither a file, a directory nor a link';
  if (kind === LINK && entry.uncompressedSize > ARCHIVE_LIMITS.linkTargetBytesMax) return 'is a link that is too long';
  return undefined;
}

function judgeSize(entries: readonly ArchiveEntry[], packedBytes: number): string | undefined {
  const { unpackedBytesMax, ratioMax, ratioFreeBytes } = ARCHIVE_LIMITS;
  const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (bytes > unpackedBytesMax) return `it unpacks to ${bytes} bytes, and ${unpackedBytesMax} are allowed`;
  if (bytes > ratioFreeBytes && bytes > packedBytes * ratioMax)
    return `it unpacks to more than ${ratioMax} times its ${packedBytes} bytes`;
  return undefined;
}

/** Every path once, whatever the letter case; nothing below a file or a link. */
function judgeTree(entries: readonly ArchiveEntry[]): string | undefined {
  const seen = new Map<string, { readonly path: string; isNamed: boolean; readonly isDirectory: boolean }>();
  for (const entry of entries) {
    const path = entry.name.replace(/\/$/, '');
    for (const parent of parentsOf(path)) {
      const known = seen.get(fold(parent));
      if (known === undefined) seen.set(fold(parent), { path: parent, isNamed: false, isDirectory: true });
      else if (known.path !== parent) return collide(known.path, parent);
      else if (!known.isDirectory) return `its entry ${quoteName(entry.name)} lies below one that is no directory`;
    }
    const known = seen.get(fold(path));
    if (known !== undefined && known.path !== path) return collide(known.path, path);
    if (known !== undefined && (known.isNamed || !isDirectory(entry)))
      return `its entry ${quoteName(path)} is there twice`;
    seen.set(fold(path), { path, isNamed: true, isDirectory: isDirectory(entry) });
  }
  return undefined;
}

/** A link may lead to what is in the archive, by a path of directories; not out of it, and not through a link. */
export function judgeLinks(links: readonly ArchiveLink[]): string | undefined {
  const names = new Set(links.map(({ name }) => name));
  for (const { name, target } of links) {
    const reached = target.startsWith('/') || target.includes('\0') ? undefined : resolveLink(name, target);
    if (reached === undefined) return `its link ${quoteName(name)} leads out of the archive`;
    if ([...parentsOf(reached), reached].some((path) => names.has(path)))
      return `its link ${quoteName(name)} leads through another link`;
  }
  return undefined;
}

/** The path in the archive, or undefined when it leads out, at the end or on the way. */
function resolveLink(name: string, target: string): string | undefined {
  const path = name.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') path.push(segment);
    else if (path.pop() === undefined) return undefined;
  }
  return path.join('/');
}

function parentsOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'));
}

/** As a file system without letter case would see it. */
const fold = (path: string): string => path.normalize('NFC').toLowerCase();

const collide = (one: string, other: string): string =>
  `its paths ${quoteName(one)} and ${quoteName(other)} differ in letter case or spelling only`;

const quoteName = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
