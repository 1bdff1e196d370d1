/** No file imports itself by any way round, type imports included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlanted } from './planted-tree.ts';
import { readSourceTree, resolveImport, type SourceFile } from './source-tree.ts';

/** One cycle for each file that closes one, as the paths along it. */
function findCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const isDone = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];

  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || isDone.has(path)) return;
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    trail.push(path);
    for (const specifier of file.imports) {
      const imported = resolveImport(path, specifier);
      if (imported !== undefined) visit(imported);
    }
    trail.pop();
    isDone.add(path);
  };

  for (const { path } of files) visit(path);
  return cycles;
}

test('no import leads back to its file', async () => {
  assert.deepEqual(findCycles(await readSourceTree()), []);
});

test('a planted cycle is found: within a package, of types, between packages, of one file', async () => {
  const files = await readPlanted({
    'packages/base/src/a.ts': `import { b } from './b.ts';`,
    'packages/base/src/b.ts': `import './folder/c.ts';`,
    'packages/base/src/folder/c.ts': `import type { A } from '../a.ts';`,
    'packages/gcs/src/index.ts': `import { d } from '@heddle/api';`,
    'packages/api/src/index.ts': `export type { D } from '@heddle/gcs';`,
    'packages/jobs/src/self.ts': `import './self.ts';`,
    'packages/jobs/src/fine.ts': `import '@heddle/gcs'; import './self.ts';`,
  });
  assert.deepEqual(findCycles(files), [
    'packages/api/src/index.ts → packages/gcs/src/index.ts → packages/api/src/index.ts',
    'packages/base/src/a.ts → packages/base/src/b.ts → packages/base/src/folder/c.ts → packages/base/src/a.ts',
    'packages/jobs/src/self.ts → packages/jobs/src/self.ts',
  ]);
});
