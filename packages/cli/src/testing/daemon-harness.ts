/**
 * A directory of its own, and daemons in it. Disposing it stops the daemon and its jobs in order and proves
 * that no process of it is left: no daemon, no launcher, no job.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobSubmissionClient } from '@heddle/client';
import { HeddleProcess } from './heddle-process.ts';
import { type Printed, runHeddle } from './in-process.ts';

/**
 * A daemon that is started again listens where the one before it did. Of these ports the system gives none to anybody
 * who does not ask for it, so that nobody takes it in between.
 */
const PORTS = [15_000, 32_000] as const;
const PORT_TRIES = 20;
/** Patience alone, for a machine that is busy with other things. */
const LEAVE_LIMIT_MS = 60_000;

export class DaemonHarness implements AsyncDisposable {
  readonly directory: string;
  daemon: HeddleProcess;
  address = '';

  private constructor(directory: string, words: readonly string[]) {
    this.directory = directory;
    this.daemon = this.spawn(['start', '--directory', 'state', ...words]);
  }

  /** `words` are more of the command line of `heddle start`. */
  static async start(...words: string[]): Promise<DaemonHarness> {
    const directory = await mkdtemp(join(tmpdir(), 'heddle-cli-'));
    for (let tries = 1; ; tries++) {
      const harness = new DaemonHarness(directory, ['--port', `${randomInt(...PORTS)}`, ...words]);
      try {
        await harness.#untilReady();
        return harness;
      } catch (error) {
        if (tries === PORT_TRIES || !String(error).includes('the port is in use')) throw error;
      }
    }
  }

  get client(): JobSubmissionClient {
    return new JobSubmissionClient(this.address);
  }

  /** Another daemon in the same directory, at the same address. */
  async startAgain(): Promise<void> {
    this.daemon = this.spawn(['start', '--directory', 'state', '--port', new URL(this.address).port]);
    await this.#untilReady();
  }

  /** The same, or another daemon, as a process that can be given signals. */
  spawn(words: readonly string[]): HeddleProcess {
    const environment = this.address === '' ? {} : { HEDDLE_ADDRESS: this.address };
    return new HeddleProcess(words, { directory: this.directory, environment });
  }

  /** Runs one command that asks the daemon, to its end. */
  heddle(...words: string[]): Promise<Printed> {
    return runHeddle(words, this.directory, this.address);
  }

  /** Resolves when the log of the job has this text: the job certainly runs, or has run. */
  async untilLogged(submissionId: string, text: string): Promise<void> {
    let log = '';
    for await (const piece of this.client.tailJobLogs(submissionId)) {
      log += piece;
      if (log.includes(text)) return;
    }
    assert.fail(`job "${submissionId}" ended without "${text}": ${log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.daemon.child.exitCode === null && this.daemon.child.signalCode === null) {
      const { launcherPid } = await this.client.getStatus();
      const stopped = await this.heddle('stop', '--jobs');
      assert.equal(stopped.code, 0, stopped.err);
      assert.equal((await this.daemon.ended).code, 0, this.daemon.err);
      if (launcherPid !== null) askToLeave(launcherPid);
    }
    await this.#nothingLeft();
    await rm(this.directory, { recursive: true });
  }

  async #untilReady(): Promise<void> {
    this.address = (await this.daemon.printed(/ready at (http:\S+)/))[1]!;
  }

  /** A launcher leaves by itself, in its own time. */
  async #nothingLeft(): Promise<void> {
    const endMs = performance.now() + LEAVE_LIMIT_MS;
    let left = await this.#processes();
    while (left.length > 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      left = await this.#processes();
    }
    assert.deepEqual(left, [], 'processes left');
  }

  /** Command lines and environments that name the directory. */
  async #processes(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const found = await Promise.all(
      pids.map(async (pid) => {
        const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
        const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
        return `${command}${environment}`.includes(this.directory) ? `${pid} ${command.replaceAll('\0', ' ')}` : '';
      }),
    );
    return found.filter((line) => line !== '');
  }
}

/** A launcher without jobs and daemons ends at SIGTERM; otherwise it would wait some seconds for the next daemon. */
function askToLeave(launcherPid: number): void {
  try {
    process.kill(launcherPid, 'SIGTERM');
  } catch {
    // It has left.
  }
}
