/** A daemon of an arm's own, in a directory of its own. Disposing it ends its jobs, it and the directory, whatever went wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { JobSubmissionClient } from 'heddle/client';

const HEDDLE = fileURLToPath(new URL('../../../packages/heddle/bin/heddle.mjs', import.meta.url));
const TERMINAL = new Set(['SUCCEEDED', 'FAILED', 'STOPPED']);

export const isTerminal = (status: string): boolean => TERMINAL.has(status);

export class BenchDaemon implements AsyncDisposable {
  readonly client: JobSubmissionClient;
  readonly #directory: string;
  readonly #process: ChildProcess;

  static async start(maxRunningJobs: number): Promise<BenchDaemon> {
    const directory = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
    const flags = ['--directory', directory, '--port', '0', '--max-running-jobs', String(maxRunningJobs)];
    const started = spawn(process.execPath, [HEDDLE, 'start', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    return new BenchDaemon(new JobSubmissionClient(await addressOf(started.stdout)), directory, started);
  }

  private constructor(client: JobSubmissionClient, directory: string, started: ChildProcess) {
    this.client = client;
    this.#directory = directory;
    this.#process = started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      const running = (await this.client.listJobs()).filter(({ status }) => !isTerminal(status));
      await Promise.all(running.map(({ submissionId }) => this.client.stopJob(submissionId!)));
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#directory, { recursive: true });
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /https?:\/\/[\w.:]+/.exec(line)?.[0];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error('Cannot start the daemon: it ended before it was ready');
}
