/** The command line of the chaos program, and what is left of one that is interrupted. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { glob, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { delay, realClock } from '@heddle/base';
import { readGroupRoots } from '../../packages/launcher/src/group-roots.ts';
import { ScratchDirectory } from '../support/scratch-directory.ts';

const PROGRAM = fileURLToPath(new URL('./chaos-main.ts', import.meta.url));
const FLAGS = ['--conditions=heddle-source', '--disable-warning=ExperimentalWarning'];
const PATIENCE_MS = 60_000;

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [...FLAGS, PROGRAM, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

test('a command line that cannot be meant is told in one line, and ends with 2', async () => {
  const cases: [string, string[]][] = [
    [`Cannot run chaos with --kills "x": expected a whole number of 0 or more\n`, ['--kills', 'x']],
    [`Cannot run chaos: Unknown option '--bogus'; see --help\n`, ['--bogus']],
    [`Cannot run chaos without a kill: give --kills or --doubles\n`, ['--kills', '0']],
    [
      `Cannot run chaos with --only "K99": expected a point, as K7, or a cell, as K7:daemon\n`,
      ['--matrix', '--only', 'K99'],
    ],
  ];
  await Promise.all(
    cases.map(async ([stderr, args]) => assert.deepEqual(await run(...args), { code: 2, stdout: '', stderr })),
  );
  const help = await run('--help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: npm run test:chaos/);
});

for (const args of [
  ['--kills', '40'],
  ['--matrix', '--only', 'K4'],
])
  test(`chaos that is interrupted leaves no process, no file and no control group (${args[0]})`, async () => {
    await using scratch = await ScratchDirectory.make();
    const program = spawn(process.execPath, [...FLAGS, PROGRAM, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TMPDIR: scratch.path },
    });
    const exited = once(program, 'exit');
    await eventually(async () => (await jobsBelow(scratch.path)) > 1, program); // One is the canary.
    const groups = await groupsBelow(scratch.path);
    program.kill('SIGINT');
    const [code, signal] = await exited;
    assert.deepEqual([code, signal], [null, 'SIGINT']);
    assert.deepEqual(await readdir(scratch.path), []);
    assert.deepEqual(await commandsBelow(scratch.path), []);
    assert.deepEqual(
      groups.filter((group) => existsSync(group)),
      [],
    );
  });

/** The directories of the kernel's in which its jobs are. */
async function groupsBelow(directory: string): Promise<string[]> {
  const files = await Array.fromAsync(glob('**/launcher/v*/groups', { cwd: directory }));
  return files.flatMap((file) => readGroupRoots(join(directory, file)));
}

/** Everything that runs in this directory names it. */
async function commandsBelow(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(directory)).map((command) => command.replaceAll('\0', ' '));
}

const jobsBelow = async (directory: string) =>
  (await commandsBelow(directory)).filter((command) => command.includes('HEDDLE_JOB_MARK')).length;

async function eventually(is: () => Promise<boolean>, program: ChildProcess): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + PATIENCE_MS;
  while (!(await is())) {
    assert.equal(program.exitCode, null, 'it goes on by itself');
    assert.ok(realClock.monotonicMs() < deadlineMs, 'in time');
    await delay(realClock, 20);
  }
}
