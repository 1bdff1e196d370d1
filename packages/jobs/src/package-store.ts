/**
 * The packages that clients have uploaded: zip archives that jobs take as their working directory.
 *
 *   packages/names/<name>                 a link to the archive that was uploaded under this name; touched when used
 *   packages/zips/<sha256>.zip            the archive, once for each content
 *   packages/unpacked/<boot>/<sha256>/    what was in it, unpacked once; jobs that name it share it
 *
 * Each of them appears whole, by a rename. What was unpacked counts for one boot of the machine: its files are not
 * synced one by one, so what a power failure left of them is not trusted.
 *
 * A package that no unfinished job names is removed `retainedPackageMs` after it was last used.
 */
import { createHash } from 'node:crypto';
import { lstat, lutimes, mkdir, open, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPackageName } from '@heddle/api';
import { type Clock, type IdSource, quote } from '@heddle/base';
import { PackagesFullError, PackageTooLargeError } from './errors.ts';
import { hashOf, ifMissing, type PackagePaths } from './package-paths.ts';

/** Longest archive, 100 MiB; Ray's limit too. */
export const PACKAGE_BYTES_MAX = 100 * 1024 * 1024;

export interface PackageStoreOptions {
  readonly paths: PackagePaths;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Of all archives together; the next is refused. */
  readonly bytesMax: number;
}

/** The manager's side: takes packages in, and removes them. The supervisors': `UnpackedPackages`. */
export class PackageStore {
  readonly #options: PackageStoreOptions;

  private constructor(options: PackageStoreOptions) {
    this.#options = options;
  }

  get paths(): PackagePaths {
    return this.#options.paths;
  }

  /** Makes the directories, and removes what an earlier daemon left half-done and what an earlier boot unpacked. */
  static async open(options: PackageStoreOptions): Promise<PackageStore> {
    const { names, zips, unpacked } = options.paths;
    for (const directory of [names, zips, unpacked]) await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const directory of [names, zips])
      for (const name of await readdir(directory)) if (name.endsWith('.tmp')) await rm(join(directory, name));
    const boots = join(unpacked, '..');
    for (const boot of await readdir(boots))
      if (boot !== basename(unpacked)) await rm(join(boots, boot), { recursive: true, force: true });
    return new PackageStore(options);
  }

  /** Whether it is there; if so it stays for a while, so that a job may be submitted with it. */
  async has(name: string): Promise<boolean> {
    if (!isPackageName(name)) return false;
    if ((await hashOf(this.#options.paths, name)) === undefined) return false;
    await this.#touch(name);
    return true;
  }

  /**
   * Takes a package in; resolves when it is durable. Under a name that is taken the latest counts.
   * @throws PackageTooLargeError, PackagesFullError, RangeError for a name that cannot be one, and nothing of it is left.
   */
  async put(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    checkPackageName(name);
    const { paths, ids, bytesMax } = this.#options;
    if ((await sizeOfAll(paths.zips)) >= bytesMax) throw new PackagesFullError(bytesMax);
    const passing = join(paths.zips, `${ids.next('upload')}.tmp`);
    try {
      const hash = await writeSynced(passing, content);
      await rename(passing, join(paths.zips, `${hash}.zip`));
      const link = join(paths.names, `${ids.next('upload')}.tmp`);
      await symlink(join('..', 'zips', `${hash}.zip`), link);
      await rename(link, join(paths.names, name));
      for (const directory of [paths.zips, paths.names]) await syncDirectory(directory);
    } finally {
      await rm(passing, { force: true });
    }
    await this.#touch(name);
  }

  /** Removes what nobody needs. `inUse`: the packages that unfinished jobs name. */
  async tidy(inUse: ReadonlySet<string>, retainedMs: number): Promise<void> {
    const { paths, clock } = this.#options;
    for (const name of await readdir(paths.names)) {
      if (name.endsWith('.tmp')) continue;
      if (inUse.has(name)) await this.#touch(name);
      else if (clock.now() - (await lstat(join(paths.names, name))).mtimeMs >= retainedMs)
        await rm(join(paths.names, name), { force: true });
    }
    const named = new Set(await Promise.all((await readdir(paths.names)).map((name) => hashOf(paths, name))));
    for (const file of await readdir(paths.zips))
      if (file.endsWith('.zip') && !named.has(basename(file, '.zip')))
        await rm(join(paths.zips, file), { force: true });
    if (inUse.size > 0) return; // Somebody may be unpacking: what he does has no name yet.
    for (const hash of await readdir(paths.unpacked))
      if (!named.has(hash)) await rm(join(paths.unpacked, hash), { recursive: true, force: true });
  }

  async #touch(name: string): Promise<void> {
    const now = new Date(this.#options.clock.now());
    await lutimes(join(this.#options.paths.names, name), now, now);
  }
}

function checkPackageName(name: string): void {
  if (!isPackageName(name))
    throw new RangeError(
      `Cannot take package ${quote(name)}: expected a name of letters, digits, "_", "." or "-" that ends in .zip`,
    );
}

/** Writes it down as it comes; gives the hash of it. */
async function writeSynced(path: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'wx', 0o600);
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    if (size > PACKAGE_BYTES_MAX) throw new PackageTooLargeError(PACKAGE_BYTES_MAX);
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  await file.sync();
  return hash.digest('hex');
}

async function sizeOfAll(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map((name) => stat(join(directory, name)).catch(ifMissing));
  return (await Promise.all(sizes)).reduce((sum, file) => sum + (file?.size ?? 0), 0);
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
