/** The command `npm run test:ray`, as far as it goes without Ray. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

interface Outcome {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  execFile(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  );
  return promise;
}

test('with --heddle-only it needs no Ray, and ends with the counts', async () => {
  const { code, stdout } = await run(['--heddle-only', '--only', '02'], { HEDDLE_RAY_PYTHON: '/no/such/python' });
  assert.match(stdout, /^\[1\/1\] 02-copies: passed\n/);
  assert.match(stdout, /\n1 passed, 0 failed\n$/);
  assert.equal(code, 0);
});

test('it says which folders it could not find, and what an unknown option is', async () => {
  const missing = await run(['--only', '99']);
  assert.match(missing.stderr, /Cannot run only "99": no folder of examples\/side-by-side begins so/);
  assert.equal(missing.code, 2);
  assert.equal((await run(['--onyl', '02'])).code, 2);
  assert.equal((await run(['--help'])).code, 0);
});

test('without a Python that has Ray it ends with a code of its own and says why', async () => {
  const { code, stderr } = await run(['--only', '02'], { HEDDLE_RAY_PYTHON: '/no/such/python' });
  assert.match(stderr, /Cannot use "\/no\/such\/python": it has no Ray, and the transcripts are of 2\.58\.0/);
  assert.equal(code, 3);
});

test('when Python cannot make the environment it says what it needs', async () => {
  const { code, stderr } = await run(['--only', '02'], {
    HEDDLE_RAY_PYTHON: undefined,
    XDG_CACHE_HOME: '/dev/null/cache',
  });
  assert.match(stderr, /^Cannot make the folder of the virtual environment: .*\/dev\/null\/cache/);
  assert.equal(code, 3);
});
