/**
 * What a program that uses Heddle must have to compile, with `skipLibCheck: false`: Node's types and nothing else.
 * No DOM, and no package that it did not ask for, such as the optional `@opentelemetry/api`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ScratchDirectory } from '../support/scratch-directory.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(REPOSITORY, 'node_modules/typescript/bin/tsc');

const PROGRAM = `
import { init, type Runtime } from 'heddle';
import { JobSubmissionClient } from 'heddle/client';
import { JobManager } from 'heddle/jobs';
export const runtime: Runtime = await init();
export const jobs = await JobManager.open({ directory: '.' });
export const client = new JobSubmissionClient();
`;

async function compile(options: object, directory: string): Promise<string> {
  const project = join(directory, 'tsconfig.json');
  await writeFile(project, JSON.stringify(options));
  try {
    return (await promisify(execFile)(process.execPath, [TSC, '-p', project])).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** The declarations of all packages, as they are published. */
async function emitDeclarations(packages: readonly string[], directory: string): Promise<void> {
  const sources = join(REPOSITORY, 'packages');
  const errors = await compile(
    {
      extends: join(REPOSITORY, 'tsconfig.json'),
      compilerOptions: {
        composite: false,
        declarationMap: false,
        sourceMap: false,
        emitDeclarationOnly: true,
        rootDir: sources,
        outDir: join(directory, 'packages'),
        typeRoots: [join(REPOSITORY, 'node_modules/@types')],
        paths: pathsIn(packages, sources, 'ts'), // Found as packages they would count as somebody else's.
      },
      files: packages
        .map((name) => join(sources, name, 'src/index.ts'))
        .concat(SUBPATHS.map((name) => join(sources, name))),
    },
    directory,
  );
  assert.equal(errors, '');
}

const SUBPATHS = ['heddle/src/jobs.ts', 'heddle/src/client.ts'];

function pathsIn(packages: readonly string[], root: string, extension: string): Record<string, string[]> {
  return Object.fromEntries([
    ...packages.map((name) => [`@heddle/${name}`, [join(root, name, `src/index.${extension}`)]]),
    ['heddle', [join(root, `heddle/src/index.${extension}`)]],
    ['heddle/*', [join(root, `heddle/src/*.${extension}`)]],
  ]);
}

test('the published types need those of Node and no other package’s', async () => {
  await using scratch = await ScratchDirectory.make();
  const directory = scratch.path;
  const packages = await readdir(join(REPOSITORY, 'packages'));
  await emitDeclarations(packages, directory);
  await symlink(join(REPOSITORY, 'node_modules/@types'), join(directory, 'types'), 'dir');
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await writeFile(join(directory, 'program.ts'), PROGRAM);
  const errors = await compile(
    {
      compilerOptions: {
        target: 'esnext',
        lib: ['esnext'],
        module: 'nodenext',
        types: ['node'],
        typeRoots: [join(directory, 'types')],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        paths: pathsIn(packages, join(directory, 'packages'), 'd.ts'),
      },
      files: ['program.ts'],
    },
    directory,
  );
  assert.equal(errors, '');
});
