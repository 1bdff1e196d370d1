/**
 * The place of everything a run puts on the disk: every arm has it for its `TMPDIR`. It is gone with the run, and whoever
 * interrupts that (Ctrl-C, SIGTERM) leaves nothing running: neither arms nor what a launcher of theirs has started.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scratch implements Disposable {
  readonly directory: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(directory: string) {
    this.directory = directory;
  }

  static make(): Scratch {
    const scratch = new Scratch(mkdtempSync(join(tmpdir(), 'heddle-bench-')));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        scratch[Symbol.dispose]();
        process.kill(process.pid, signal); // Nobody listens for it any more.
      });
    return scratch;
  }

  /** Kills this child if the run is interrupted. */
  own(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const pid of jobsOfLaunchers(this.directory)) kill(pid);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A launcher outlives its daemon, and leaves by itself when its jobs are over. Each of them leads a session. */
function jobsOfLaunchers(directory: string): number[] {
  const processes = listProcesses();
  const launchers = processes.filter(({ command }) => command.includes(directory)).map(({ pid }) => pid);
  return processes.filter(({ parent }) => launchers.includes(parent)).map(({ pid }) => pid);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** None where there is no `/proc`. */
function listProcesses(): Process[] {
  const processes: Process[] = [];
  for (const name of readNames('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    processes.push({ pid: Number(name), parent, command: read(`/proc/${name}/cmdline`) });
  }
  return processes;
}

function readNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** "" of a process that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** With its group, as far as it has one of its own. */
function kill(pid: number): void {
  for (const target of [-pid, pid])
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended, or leads no group.
    }
}
