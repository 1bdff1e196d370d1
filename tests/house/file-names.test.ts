import assert from 'node:assert/strict';
import { glob } from 'node:fs/promises';
import { test } from 'node:test';
import { ROOT } from './source-tree.ts';

/** Words in small letters, joined by hyphens; then what the file is: `job-status.test.ts`. */
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/;

const isWellNamed = (path: string): boolean => KEBAB_CASE.test(path.split('/').at(-1)!);

test('file names are in kebab case', async () => {
  const places = ['packages/*/{src,bin}/**', '{tests,examples,benchmarks,scripts}/**'];
  const paths = await Array.fromAsync(
    glob(
      places.map((place) => `${place}/*.{ts,mts,mjs,js}`),
      { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] },
    ),
  );
  assert.ok(paths.length > 50);
  assert.deepEqual(
    paths.filter((path) => !isWellNamed(path)),
    [],
  );
});

test('a file name of another kind is found', () => {
  const names = [
    'jobManager.ts',
    'JobManager.ts',
    'job_manager.ts',
    'job--manager.ts',
    'a/job-manager.test.ts',
    'b.ts',
  ];
  assert.deepEqual(names.filter(isWellNamed), ['a/job-manager.test.ts', 'b.ts']);
});
