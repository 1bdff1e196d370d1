/**
 * The Python that has Ray: `HEDDLE_RAY_PYTHON` if it is set, else a virtual environment that is made once, in the
 * user's cache folder, and used again.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const RAY_VERSION = '2.58.0';

const INSTALL_LIMIT_MS = 900_000;
const ASK_LIMIT_MS = 60_000;

/** The environment could not be made or used; the message says what to do. */
export class RayEnvironmentError extends Error {
  override readonly name = 'RayEnvironmentError';
}

/** The path of a Python that has Ray in the version the transcripts are of. @throws RayEnvironmentError */
export async function openRayEnvironment(say: (line: string) => void): Promise<string> {
  const given = process.env.HEDDLE_RAY_PYTHON;
  const python = given ?? (await openCached(say));
  const version = await versionOf(python);
  if (version !== RAY_VERSION) {
    throw new RayEnvironmentError(
      `Cannot use "${python}": it has ${version === undefined ? 'no Ray' : `Ray ${version}`}, and the transcripts are of ${RAY_VERSION}`,
    );
  }
  return python;
}

async function openCached(say: (line: string) => void): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'heddle', `ray-${RAY_VERSION}`);
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'heddle-ready'); // Written last: a folder without it was left half made.
  if (existsSync(ready)) return python;
  say(`Installing Ray ${RAY_VERSION} into ${folder}, once; that takes a minute or two.`);
  await attempt('make the folder of the virtual environment', async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  });
  await attempt('make a virtual environment', () => run('python3', '-m', 'venv', folder));
  await attempt('install Ray', () => run(python, '-m', 'pip', 'install', '--quiet', `ray[default]==${RAY_VERSION}`));
  await writeFile(ready, '');
  return python;
}

const run = (command: string, ...args: readonly string[]): Promise<unknown> =>
  execute(command, args, { timeout: INSTALL_LIMIT_MS });

async function attempt(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new RayEnvironmentError(
      `Cannot ${what}: ${(stderr || message).trim().slice(-1_000)}\n` +
        `It needs python3 with venv, and a package registry. Or set HEDDLE_RAY_PYTHON to a Python that has ray==${RAY_VERSION}, or run with --heddle-only.`,
    );
  }
}

async function versionOf(python: string): Promise<string | undefined> {
  try {
    const { stdout } = await execute(python, ['-P', '-c', 'import ray; print(ray.__version__)'], {
      timeout: ASK_LIMIT_MS,
    });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
