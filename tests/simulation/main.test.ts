import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--conditions=heddle-source', PROGRAM, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

test('a command line that cannot be meant is told in one line, and ends with 2', async () => {
  const cases: [string, string[]][] = [
    [`Cannot simulate with --seeds "0": expected a whole number of 1 or more\n`, ['--seeds', '0']],
    [`Cannot simulate with --trace: it goes with --seed\n`, ['--trace']],
    [`Cannot simulate: Unexpected argument 'extra'; see --help\n`, ['extra']],
  ];
  await Promise.all(
    cases.map(async ([stderr, args]) => assert.deepEqual(await run(...args), { code: 2, stdout: '', stderr })),
  );
});

test('a planted bug is found at once again by its seed, and told with its trace and exit code 1', async () => {
  const found = await run('--bug', 'no-claim');
  assert.equal(found.code, 1);
  const again = /^again: npm run sim -- (--seed \d+ --bug no-claim)$/m.exec(found.stdout)?.[1];
  assert.ok(again, found.stdout);
  const replayed = await run(...again.split(' '));
  assert.deepEqual([replayed.code, replayed.stdout], [1, found.stdout]);
});
