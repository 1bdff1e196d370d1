/**
 * A directory as a zip archive, for a daemon that cannot see it. The same content gives the same bytes and so the
 * same name: what was uploaded before is not sent again.
 *
 * Files and links go in as they are, with their modes; `.git` and `.heddle` stay out. What is neither a file, a
 * directory nor a link is refused.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { UsageError } from './failure.ts';

/** What a daemon takes. */
export const PACKAGE_BYTES_MAX = 100 * 1024 * 1024;

const LEFT_OUT: readonly string[] = ['.git', '.heddle'];

/** Archives have times, and these must not tell one copy from another. */
const MTIME = { mtime: new Date('1980-01-01T00:00:00Z'), forceDosTimestamp: true };

export interface Package {
  readonly name: string;
  readonly zip: Uint8Array<ArrayBuffer>;
}

/** @throws UsageError when it is too much for a daemon, or cannot be packed. */
export async function zipDirectory(directory: string): Promise<Package> {
  const zip = new ZipFile();
  const failed = new Promise<never>((_resolve, reject) => zip.on('error', reject)); // A file that is gone, or not ours.
  failed.catch(() => {});
  await addAll(zip, directory, '');
  zip.end();
  const bytes = await Promise.race([collect(zip, directory), failed]);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { name: `_heddle_pkg_${hash}.zip`, zip: bytes };
}

async function addAll(zip: ZipFile, directory: string, prefix: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !LEFT_OUT.includes(name)).sort();
  if (names.length === 0 && prefix !== '') zip.addEmptyDirectory(prefix, MTIME);
  for (const name of names) await add(zip, join(directory, name), prefix + name);
}

async function add(zip: ZipFile, path: string, name: string): Promise<void> {
  const { mode, ...stats } = await lstat(path).then((found) => ({
    mode: found.mode,
    isFile: found.isFile(),
    isDirectory: found.isDirectory(),
    isLink: found.isSymbolicLink(),
  }));
  if (stats.isFile) zip.addFile(path, name, { ...MTIME, mode });
  else if (stats.isDirectory) await addAll(zip, path, `${name}/`);
  else if (stats.isLink) zip.addBuffer(Buffer.from(await readlink(path)), name, { ...MTIME, mode, compress: false });
  else throw new UsageError(`Cannot upload "${path}": it is neither a file, a directory nor a link`);
}

async function collect(zip: ZipFile, directory: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of zip.outputStream) {
    size += chunk.length;
    if (size > PACKAGE_BYTES_MAX)
      throw new UsageError(`Cannot upload "${directory}": packed it has more than ${PACKAGE_BYTES_MAX} bytes`);
    chunks.push(chunk as Buffer);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
