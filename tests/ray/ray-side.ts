/**
 * Ray's side of the pairs: one Python process runs them one after the other against one Ray instance
 * (`run-programs.py`), which makes a program cost a second instead of five.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Run } from '../support/run-example.ts';

const RUNNER = fileURLToPath(new URL('run-programs.py', import.meta.url));

/** The runner limits each program itself; this is for a runner that no longer answers. */
const SILENCE_MAX_MS = 150_000;

/** How much of what Ray wrote beside the transcripts is shown when the runner fails. */
const STDERR_SHOWN = 3_000;

interface Line {
  readonly program: string;
  readonly output: string;
  readonly error: string | null;
  readonly seconds: number;
}

/**
 * What comes of each program, in the order given, as they end.
 * @throws Error when the runner ends before all have run; it and its Ray instance are gone then.
 */
export async function* runRayPrograms(
  python: string,
  programs: readonly string[],
  silenceMaxMs = SILENCE_MAX_MS,
): AsyncGenerator<Run> {
  // A process group of its own: with the runner go the processes of its Ray instance.
  const child = spawn(python, ['-P', RUNNER, ...programs], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const words = text(child.stderr);
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
  };
  let timer = setTimeout(killGroup, silenceMaxMs);
  try {
    let missing = programs.length;
    for await (const line of createInterface({ input: child.stdout })) {
      clearTimeout(timer);
      timer = setTimeout(killGroup, silenceMaxMs);
      const { output, error, seconds } = JSON.parse(line) as Line;
      missing--;
      yield { output, error: error ?? undefined, durationMs: seconds * 1_000 };
    }
    const end = await ended;
    if (missing > 0) {
      const said = (await words).slice(-STDERR_SHOWN);
      throw new Error(`Cannot run the Ray programs: the runner ended (${end}) before ${missing} of them\n${said}`);
    }
  } finally {
    clearTimeout(timer);
    killGroup();
    await ended;
  }
}
