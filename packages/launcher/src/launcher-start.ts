/**
 * Starts a launcher so that nothing which ends the daemon ends it.
 *
 * A shell in a session of its own starts it in the background and ends: the launcher belongs to `init` then, not to
 * a thread that may be terminated and would leave its child a zombie. It gets no descriptor of ours, no flag and no
 * environment of ours (`NODE_OPTIONS`, tokens), and `/` for its directory.
 */
import { type StdioOptions, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EncodedFailure } from './failure.ts';
import { faultPointEnvironment } from './fault-point.ts';
import type { LauncherHome } from './launcher-home.ts';
import { isAlive } from './process-table.ts';

/** Beside this file: the launcher's source, or the one file that it is built into. */
const MAIN = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './launcher.mjs', import.meta.url));

/** `$0` is the log; says the launcher's pid. */
const SHELL_COMMAND = '"$@" </dev/null >>"$0" 2>&1 & echo $!';

/**
 * Its own, whatever the daemon was started with. A fork copies what the process has touched, and each helper thread
 * must be told of it: without V8's a spawn takes an eighth less, and so little code has no work for them.
 */
const OWN_FLAGS = ['--v8-pool-size=0', '--max-semi-space-size=1'];

const LAUNCHER_ENVIRONMENT = { NODE_NO_WARNINGS: '1', ...faultPointEnvironment };

/** A launcher that has been started and may be coming up. */
export class StartedLauncher {
  readonly pid: number;
  readonly #log: string;
  readonly #logOffset: number;

  /** Rejects with the system's error when not even the shell can be started. */
  static async start(home: LauncherHome, directory: string, idleMs: number): Promise<StartedLauncher> {
    closeSync(openSync(home.log, 'a', 0o600));
    const logOffset = statSync(home.log).size;
    const pid = runDetached(home.log, [process.execPath, ...OWN_FLAGS, MAIN, directory, String(idleMs)]);
    return new StartedLauncher(pid, home.log, logOffset);
  }

  private constructor(pid: number, log: string, logOffset: number) {
    this.pid = pid;
    this.#log = log;
    this.#logOffset = logOffset;
  }

  get isAlive(): boolean {
    return isAlive(this.pid);
  }

  /** What the log says since the start: the launcher's own word why it could not start, and everything else. */
  readLog(): { readonly failure: EncodedFailure | undefined; readonly text: string } {
    let text = '';
    try {
      text = readFileSync(this.#log).subarray(this.#logOffset).toString();
    } catch {
      // Removed by a launcher that left.
    }
    return {
      failure: text
        .split('\n')
        .map((line) => this.#toFailure(line))
        .find((each) => each !== undefined),
      text,
    };
  }

  #toFailure(line: string): EncodedFailure | undefined {
    try {
      const entry = JSON.parse(line) as { readonly pid?: number; readonly startFailure?: EncodedFailure };
      return entry.pid === this.pid ? entry.startFailure : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Waits for the shell in this very turn: a thread that is terminated before it has reaped its child leaves a zombie,
 * and nothing ends a thread in the midst of this.
 */
function runDetached(log: string, command: readonly string[]): number {
  const options = { cwd: '/', env: LAUNCHER_ENVIRONMENT, detached: true, encoding: 'utf8', stdio: STDIO } as const;
  const { error, stdout, status } = spawnSync('/bin/sh', ['-c', SHELL_COMMAND, log, ...command], options);
  if (error !== undefined) throw error;
  const pid = Number.parseInt(stdout, 10);
  if (!Number.isInteger(pid)) throw new Error(`the shell that starts it ended with code ${status}`);
  return pid;
}

const STDIO: StdioOptions = ['ignore', 'pipe', 'ignore'];
