/** Imports go down only, type imports included, and packages of one floor do not import each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlanted } from './planted-tree.ts';
import { readSourceTree, resolveImport, type SourceFile } from './source-tree.ts';

/** From the ground up. A new package stands on one of them. */
const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['gcs', 'launcher', 'api'],
  ['actors', 'client', 'cluster'],
  ['jobs', 'modules', 'dashboard', 'autoscaler'],
  ['server'],
  ['cli'],
  ['heddle'],
];
/** The side that runs outside Node too: it meets the other only in `jobs` and above. */
const OUTSIDE = ['base', 'api', 'client'];

const floorOf = (packageName: string): number => FLOORS.findIndex((floor) => floor.includes(packageName));

function findWrongImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, packageName, imports }) =>
    imports
      .filter((specifier) => {
        const imported = resolveImport(path, specifier)?.split('/')[1];
        if (imported === undefined || imported === packageName) return false;
        if (specifier.startsWith('.')) return true; // Packages are imported by their names.
        if (OUTSIDE.includes(packageName) && !OUTSIDE.includes(imported)) return true;
        return floorOf(imported) < 0 || floorOf(imported) >= floorOf(packageName);
      })
      .map((specifier) => `${path} imports ${specifier}`),
  );
}

test('every package stands on a floor', async () => {
  const packages = new Set((await readSourceTree()).map((file) => file.packageName));
  assert.ok(packages.size >= 10);
  assert.deepEqual(
    [...packages].filter((packageName) => floorOf(packageName) < 0),
    [],
  );
});

test('every import goes down', async () => {
  assert.deepEqual(findWrongImports(await readSourceTree()), []);
});

test('a planted import that goes up, sideways or around a package name is found', async () => {
  const files = await readPlanted({
    'packages/base/src/up.ts': `import type { Gcs } from '@heddle/gcs';`,
    'packages/gcs/src/side.ts': `export * from '@heddle/launcher';`,
    'packages/gcs/src/around.ts': `const base = await import('../../base/src/index.ts');`,
    'packages/client/src/across.ts': `import '@heddle/gcs';`,
    'packages/jobs/src/unknown.ts': `import {\n  a,\n} from '@heddle/unheard-of';`,
    'packages/jobs/src/right.ts': `import { a } from '@heddle/base'; // import '@heddle/cli'\nimport 'node:fs';`,
  });
  assert.deepEqual(findWrongImports(files).sort(), [
    'packages/base/src/up.ts imports @heddle/gcs',
    'packages/client/src/across.ts imports @heddle/gcs',
    'packages/gcs/src/around.ts imports ../../base/src/index.ts',
    'packages/gcs/src/side.ts imports @heddle/launcher',
    'packages/jobs/src/unknown.ts imports @heddle/unheard-of',
  ]);
});
