/** Where packages lie, and which content has which name. `package-store.ts` draws it. */
import { readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface PackagePaths {
  readonly names: string;
  readonly zips: string;
  readonly unpacked: string;
}

export function packagePathsOf(directory: string, bootId: string): PackagePaths {
  const packages = join(directory, 'packages');
  const boot = bootId === '' ? 'boot' : bootId;
  return { names: join(packages, 'names'), zips: join(packages, 'zips'), unpacked: join(packages, 'unpacked', boot) };
}

/** The hash of the content that has this name; undefined if none has. */
export async function hashOf(paths: PackagePaths, name: string): Promise<string | undefined> {
  const target = await readlink(join(paths.names, name)).catch(ifMissing);
  if (target === undefined) return undefined;
  const zip = await stat(join(paths.names, target)).catch(ifMissing);
  return zip === undefined ? undefined : basename(target, '.zip');
}

/** For what may be gone: undefined then. */
export function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
