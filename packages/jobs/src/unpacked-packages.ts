/** The supervisors' side of the packages: unpacks them, each content once, for all jobs that name it. */
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, type PackagePaths } from './package-paths.ts';
import { unpack } from './unpack.ts';

export class UnpackedPackages {
  readonly #paths: PackagePaths;
  /** By hash. Those who need the same wait for the same. */
  readonly #unpacking = new Map<string, Promise<string>>();

  constructor(paths: PackagePaths) {
    this.#paths = paths;
  }

  /** The directory that holds what is in a package; undefined: there is no such package. @throws ArchiveError */
  async directoryOf(name: string): Promise<string | undefined> {
    const hash = await hashOf(this.#paths, name);
    if (hash === undefined) return undefined;
    const underWay = this.#unpacking.get(hash);
    if (underWay !== undefined) return underWay;
    const unpacking = this.#unpack(hash).finally(() => this.#unpacking.delete(hash));
    this.#unpacking.set(hash, unpacking);
    return unpacking;
  }

  /** Aside, then renamed: it is there whole or not at all. */
  async #unpack(hash: string): Promise<string> {
    const directory = join(this.#paths.unpacked, hash);
    if (await stat(directory).catch(() => undefined)) return directory;
    const aside = `${directory}.tmp`;
    await rm(aside, { recursive: true, force: true }); // Of one whose thread has died.
    try {
      await unpack(join(this.#paths.zips, `${hash}.zip`), aside);
      await rename(aside, directory);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
    return directory;
  }
}
