/** Heddle's side of a pair: the program by itself, from the sources, as its reader would run it. */
import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Run } from './verdict.ts';

const execute = promisify(execFile);

const LIMIT_MS = 60_000;

/** Each thread strips the types off the sources for itself; a cache of the outcome makes its start twice as fast. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/heddle-tests', import.meta.url));

/** Runs the program to its end. Never rejects: how it failed is part of what came of it. */
export async function runHeddleProgram(program: string): Promise<Run> {
  const began = performance.now();
  const outcome = await execute(process.execPath, ['--conditions=heddle-source', program], {
    env: { NODE_COMPILE_CACHE: CACHE, ...process.env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  }).then(
    ({ stdout, stderr }) => ({ output: stdout, error: stderr === '' ? undefined : `wrote to stderr:\n${stderr}` }),
    (failure: { stdout: string; stderr: string; code: unknown; killed: boolean }) => ({
      output: failure.stdout,
      error: `${failure.killed ? `did not end within ${LIMIT_MS} ms` : `exit code ${failure.code}`}\n${failure.stderr}`,
    }),
  );
  return { ...outcome, durationMs: performance.now() - began };
}
