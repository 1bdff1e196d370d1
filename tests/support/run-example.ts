/** Runs an example as a program of its own, from the sources, as its reader would. */
import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program printed, and why it failed if it did. */
export interface Run {
  readonly output: string;
  /** How the program failed; undefined when it ended well and wrote nothing to stderr but warnings of the runtime. */
  readonly error: string | undefined;
  readonly durationMs: number;
}

export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

const LIMIT_MS = 60_000;

/** Each thread strips the types off the sources for itself; a cache of the outcome makes its start twice as fast. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/heddle-tests', import.meta.url));

/** Flags and environment for a program that runs from the sources. */
export const NODE_FLAGS = ['--conditions=heddle-source'];
export const ENVIRONMENT = { NODE_COMPILE_CACHE: CACHE, ...process.env };

/** What the runtime warns of is part of what an example may show: a task that can never run, for one. */
const OWN_WARNING = /^\(node:\d+\) \[HEDDLE_\w+\] .*\n(?:\(Use `node --trace-warnings.*\n)?/gm;

function complaint(stderr: string): string | undefined {
  const rest = stderr.replace(OWN_WARNING, '');
  return rest === '' ? undefined : `wrote to stderr:\n${rest}`;
}

/** Runs the program to its end. Never rejects: how it failed is part of what came of it. */
export async function runExample(program: string, args: readonly string[] = []): Promise<Run> {
  const began = performance.now();
  const outcome = await execute(process.execPath, [...NODE_FLAGS, program, ...args], {
    env: ENVIRONMENT,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  }).then(
    ({ stdout, stderr }) => ({ output: stdout, error: complaint(stderr) }),
    (failure: { stdout: string; stderr: string; code: unknown; killed: boolean }) => ({
      output: failure.stdout,
      error: `${failure.killed ? `did not end within ${LIMIT_MS} ms` : `exit code ${failure.code}`}\n${failure.stderr}`,
    }),
  );
  return { ...outcome, durationMs: performance.now() - began };
}
