/** Where a job's process starts: a directory of this machine, or what is in an uploaded package. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fromPackageUri } from '@heddle/api';
import type { JobRecord } from './job-record.ts';
import { ArchiveError } from './unpack.ts';
import type { UnpackedPackages } from './unpacked-packages.ts';

export type Workspace = {
  readonly directory: string;
  /** It was asked for as `workingDir`: then Python finds modules there, as under Ray. */
  readonly isAsked: boolean;
};

/** What there is, or why there is none, for people. */
export async function findWorkspace(
  record: JobRecord,
  packages: UnpackedPackages,
): Promise<Workspace | { readonly problem: string }> {
  const workingDir = record.runtimeEnv?.workingDir;
  if (workingDir === undefined) return { directory: record.workingDirectory, isAsked: false };
  const name = fromPackageUri(workingDir);
  if (name !== undefined) return findPackage(name, workingDir, packages);
  const directory = resolve(record.workingDirectory, workingDir);
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) return { problem: `working_dir ${JSON.stringify(directory)} is no directory here` };
  return { directory, isAsked: true };
}

async function findPackage(
  name: string,
  uri: string,
  packages: UnpackedPackages,
): Promise<Workspace | { readonly problem: string }> {
  try {
    const directory = await packages.directoryOf(name);
    return directory === undefined ? { problem: `Package ${uri} does not exist` } : { directory, isAsked: true };
  } catch (error) {
    const fact =
      error instanceof ArchiveError ? error.message : `it could not be unpacked: ${(error as Error).message}`;
    return { problem: `Package ${uri} is refused: ${fact}` };
  }
}
