/** A daemon of the demo's own: the real `heddle start`, in a process group of its own, so that it can be killed whole. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HEDDLE = fileURLToPath(new URL('../../packages/heddle/bin/heddle.mjs', import.meta.url));

export class Daemon {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Starts a daemon on a free port and resolves when it answers. */
  static async start(directory: string): Promise<Daemon> {
    const child = spawn(process.execPath, [HEDDLE, 'start', '--directory', directory, '--port', '0'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    child.stderr.on('data', (text: Buffer) => said.push(text.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      const url = /https?:\/\/\S+/.exec(line)?.[0];
      if (url === undefined) continue;
      child.stdout.resume();
      return new Daemon(url.replace(/[.,]$/, ''), child);
    }
    throw new Error(`Cannot start the daemon: it ended before it was ready:\n${said.join('\n')}`);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** SIGKILL to the daemon's whole process group. */
  async killGroup(): Promise<void> {
    const exited = once(this.#process, 'exit');
    process.kill(-this.pid, 'SIGKILL');
    await exited;
  }

  /** `heddle stop`: ends in order. Resolves with the daemon's exit code. */
  async stop(...flags: string[]): Promise<number | null> {
    const exited = once(this.#process, 'exit');
    const stopping = spawn(process.execPath, [HEDDLE, 'stop', '--address', this.url, ...flags], { stdio: 'ignore' });
    await once(stopping, 'exit');
    const [code] = await exited;
    return code;
  }

  /** For a demo that was interrupted: neither the daemon nor a job of it may stay. */
  async abandon(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.stop('--jobs');
  }
}
