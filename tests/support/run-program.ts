import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface ProgramOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LIMIT_MS = 60_000;

/** Runs one of `tests/semantics/fixtures` as a program of its own, to its end. */
export async function runProgram(name: string, env: Readonly<Record<string, string>> = {}): Promise<ProgramOutcome> {
  const program = fileURLToPath(new URL(`../semantics/fixtures/${name}.ts`, import.meta.url));
  try {
    const args = ['--conditions=heddle-source', program];
    const { stdout, stderr } = await execute(process.execPath, args, {
      timeout: LIMIT_MS,
      env: { ...process.env, ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as ProgramOutcome;
    return { code, stdout, stderr };
  }
}
