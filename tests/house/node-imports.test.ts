/** Who may know Node, and who may know nothing else. */
import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { test } from 'node:test';
import { readPlanted } from './planted-tree.ts';
import { readSourceTree, resolveImport, type SourceFile } from './source-tree.ts';

const WITHOUT_NODE = ['base', 'api', 'client'];
/** What is built into the launcher's one file, so that its process needs no other. */
const BUNDLED = ['tree-kill'];
const LAUNCHER_MAIN = 'packages/launcher/src/main.ts';

function findNodeImports(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => WITHOUT_NODE.includes(file.packageName) && !file.isTest)
    .flatMap(({ path, imports }) => imports.filter(isBuiltin).map((specifier) => `${path} imports ${specifier}`));
}

/** All files that the launcher's process loads, and what they load that is neither Node's nor the launcher's. */
function findLauncherImports(files: readonly SourceFile[]): { loaded: string[]; foreign: string[] } {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set([LAUNCHER_MAIN]);
  const foreign: string[] = [];
  for (const path of loaded) {
    for (const specifier of byPath.get(path)?.valueImports ?? []) {
      if (specifier.startsWith('.')) loaded.add(resolveImport(path, specifier)!);
      else if (!specifier.startsWith('node:') && !BUNDLED.includes(specifier))
        foreign.push(`${path} imports ${specifier}`);
    }
  }
  return { loaded: [...loaded], foreign };
}

test('base, api and client import nothing of Node', async () => {
  assert.deepEqual(findNodeImports(await readSourceTree()), []);
});

test("the launcher's process loads modules of Node and its own, statically", async () => {
  const files = await readSourceTree();
  const { loaded, foreign } = findLauncherImports(files);
  assert.ok(loaded.length > 5);
  assert.deepEqual(foreign, []);
  const dynamic = files.filter((file) => loaded.includes(file.path) && /\bimport\s*\(/.test(file.code));
  assert.deepEqual(
    dynamic.map((file) => file.path),
    [],
  );
});

test('a planted import of Node, or by the launcher, is found', async () => {
  const files = await readPlanted({
    'packages/base/src/a.ts': `import { readFileSync } from 'fs';\nimport type { Socket } from 'node:net';`,
    'packages/base/src/a.test.ts': `import { test } from 'node:test';`,
    [LAUNCHER_MAIN]: `import 'node:net';\nimport './part.ts';\nimport { type A } from './types.ts';`,
    'packages/launcher/src/part.ts': `import type { Clock } from '@heddle/base';\nimport { quote } from '@heddle/base';`,
    'packages/launcher/src/types.ts': `import type { Clock } from '@heddle/base';`,
    'packages/launcher/src/launcher-client.ts': `import { quote } from '@heddle/base';`,
  });
  assert.deepEqual(findNodeImports(files), [
    'packages/base/src/a.ts imports fs',
    'packages/base/src/a.ts imports node:net',
  ]);
  assert.deepEqual(findLauncherImports(files).foreign, ['packages/launcher/src/part.ts imports @heddle/base']);
});
