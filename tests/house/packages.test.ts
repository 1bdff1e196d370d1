/** What each package brings along when it is published: its words, its licence, its types, what it needs, and no tests. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readSourceTree, resolveImport } from './source-tree.ts';

interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly type: string;
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const folders = await readdir(join(ROOT, 'packages'));
const inPackage = (folder: string, name: string) => join(ROOT, 'packages', folder, name);
const manifestOf = async (folder: string) =>
  JSON.parse(await readFile(inPackage(folder, 'package.json'), 'utf8')) as Manifest;

for (const folder of folders)
  test(`package ${folder} says what it is, under which licence and on which Node, and publishes no tests`, async () => {
    const { name, license, type, engines, files } = await manifestOf(folder);
    assert.deepEqual([license, type, engines.node], ['MIT', 'module', '>=24']);
    assert.equal(await readFile(inPackage(folder, 'LICENSE'), 'utf8'), await readFile(join(ROOT, 'LICENSE'), 'utf8'));
    assert.ok((await readFile(inPackage(folder, 'README.md'), 'utf8')).startsWith(`# ${name}\n\n`));
    for (const entry of ['dist', 'src', '!dist/.tsbuildinfo', '!**/*.test.*', '!**/testing'])
      assert.ok(files.includes(entry), `"files" has ${entry}`);
  });

for (const folder of folders)
  test(`package ${folder} leads each of its names to a source, its types and its code`, async () => {
    const { exports, bin = {} } = await manifestOf(folder);
    for (const entry of Object.values(exports)) {
      const source = entry['heddle-source'] ?? '';
      assert.ok(existsSync(inPackage(folder, source)), source);
      const built = source.replace('./src/', './dist/');
      assert.deepEqual(Object.keys(entry), ['heddle-source', 'types', 'default'], 'the first that fits is taken');
      assert.deepEqual([entry.types, entry.default], [built.replace(/ts$/, 'd.ts'), built.replace(/ts$/, 'js')]);
    }
    for (const program of Object.values(bin))
      assert.match(await readFile(inPackage(folder, program), 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

/** The launcher's process is one file, into which this is built; nothing that is imported from the package may lead there. */
const BUILT_IN = 'packages/launcher/src/tree-killing.ts';

test('whatever the source of a package imports, its manifest names', async () => {
  const own = new Map(await Promise.all(folders.map(async (folder) => [folder, await manifestOf(folder)] as const)));
  for (const { path, isTest, imports } of await readSourceTree()) {
    if (isTest || path === BUILT_IN) continue;
    const { name, dependencies, peerDependencies } = own.get(path.split('/')[1]!)!;
    for (const specifier of imports) {
      if (/^(\.|node:)/.test(specifier) || builtinModules.includes(specifier)) continue;
      const wanted = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0];
      const has = wanted === name || wanted in { ...dependencies, ...peerDependencies };
      assert.ok(has, `${path} imports ${specifier}`);
    }
  }
});

test('what is built into the launcher is not reached from the package that is imported', async () => {
  const files = new Map((await readSourceTree()).map((file) => [file.path, file]));
  assert.ok(files.has(BUILT_IN));
  const reached = new Set(['packages/launcher/src/index.ts']);
  for (const path of reached)
    for (const specifier of files.get(path)?.valueImports ?? []) {
      const next = resolveImport(path, specifier);
      if (next !== undefined) reached.add(next);
    }
  assert.ok(reached.size > 10);
  assert.ok(!reached.has(BUILT_IN));
});
