import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { HEDDLE_VERSION } from './answers.ts';
import { pathOf, ROUTES } from './routes.ts';

test('a parameter is one segment, whatever is in it', () => {
  assert.equal(pathOf(ROUTES.getJobLogs, { id: 'a b/c' }), '/api/jobs/a%20b%2Fc/logs');
  assert.equal(pathOf(ROUTES.submitJob), '/api/jobs/');
  assert.throws(() => pathOf(ROUTES.getJob), TypeError);
});

test('no two routes share a method and a path', () => {
  const all = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(all).size, all.length);
});

test('the version is the one of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal(manifest.version, HEDDLE_VERSION);
});
