/**
 * What `scripts/bundle.mjs` is told to build is what others look for: the files that packages export, and those that
 * a thread or a process starts with. Tests run the source, where every file is there; a build has only its entries.
 */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPlanted } from './planted-tree.ts';
import { ROOT, readSourceTree, type SourceFile } from './source-tree.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
  readonly scripts: { readonly build: string };
}

/** The names behind the bundler's in the script that builds a package. */
function entriesOf({ scripts }: Manifest): string[] {
  const [, names = ''] = /scripts\/bundle\.mjs ([^&]*)/.exec(scripts.build) ?? [];
  return names.split(/\s+/).filter((name) => name !== '' && name !== '--');
}

/** What the source starts by the name of its file, `./worker-main.js` or `entryFile('worker-main')`. */
function startedIn(files: readonly SourceFile[]): string[] {
  const text = files.map((file) => file.text).join('\n');
  return [...text.matchAll(/\bentryFile\('([\w-]+)'\)|: '\.\/([\w-]+)\.js', import\.meta\.url/g)].map(
    (match) => (match[1] ?? match[2])!,
  );
}

const exportedBy = (manifest: Manifest): string[] =>
  Object.values(manifest.exports).map((entry) => /^\.\/dist\/([\w-]+)\.js$/.exec(entry.default)![1]!);

test('each package builds what it exports and what its threads and processes start with', async () => {
  const tree = (await readSourceTree()).filter((file) => !file.isTest);
  const started: string[] = [];
  for await (const path of glob('packages/*/package.json', { cwd: ROOT })) {
    const manifest = JSON.parse(await readFile(join(ROOT, path), 'utf8')) as Manifest;
    const ofPackage = startedIn(tree.filter((file) => file.packageName === path.split(/[\\/]/)[1]));
    started.push(...ofPackage);
    const built = new Set(entriesOf(manifest));
    const missing = [...exportedBy(manifest), ...ofPackage].filter((name) => !built.has(name));
    assert.deepEqual(missing, [], path);
  }
  assert.deepEqual(started.toSorted(), ['lifeline-main', 'process-main', 'storage-main', 'task-worker', 'worker-main']);
});

test('a file that is started is found in either way of naming it, and so are the names that are built', async () => {
  const files = await readPlanted({
    'packages/gcs/src/a.ts': `const A = new URL(isSource ? './a-main.ts' : './a-main.js', import.meta.url);`,
    'packages/gcs/src/b.ts': `const B = entryFile('b-main');`,
  });
  assert.deepEqual(startedIn(files), ['a-main', 'b-main']);
  const build = 'tsc -b && node ../../scripts/bundle.mjs index b-main -- c-main && rolldown -c x.mjs';
  assert.deepEqual(entriesOf({ exports: {}, scripts: { build } }), ['index', 'b-main', 'c-main']);
});
