/**
 * The Python that has Ray 2.58.0: the one named by HEDDLE_RAY_PYTHON, or one in a virtual environment that is made
 * in the user's cache folder when it is first needed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const RAY = 'ray[default]==2.58.0';

/** @throws Error when Python or the package is not to be had; the cause is on stderr. */
export async function findRayPython(environment: NodeJS.ProcessEnv): Promise<string> {
  const given = environment.HEDDLE_RAY_PYTHON;
  if (given !== undefined) return given;
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'heddle', 'ray-2.58.0');
  const python = join(folder, 'bin', 'python');
  if (await exists(join(folder, 'bin', 'ray'))) return python;
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', RAY]);
  return python;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Cannot run "${command} ${args.join(' ')}": it ended with code ${code}`);
}
