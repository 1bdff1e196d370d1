/** The test's end of a daemon (`daemon-main.ts`): calls it, and kills it with its whole process group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ActorRow } from '@heddle/actors';
import type { JobInfo } from '@heddle/api';
import type { JobManagerOptions, JobManagerStats, JobSubmitOptions } from '@heddle/jobs';

const MAIN = fileURLToPath(new URL('./daemon-main.ts', import.meta.url));

export type DaemonOptions = Omit<JobManagerOptions, 'runtime' | 'clock' | 'ids' | 'logger'>;

/** One that is coming up: it may never be ready. */
export interface StartingDaemon {
  readonly pid: number;
  /** Rejects when it ends first. */
  readonly ready: Promise<Daemon>;
  readonly ended: Promise<unknown>;
}

export class Daemon implements AsyncDisposable {
  readonly pid: number;
  readonly launcherPid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #calls: Map<number, PromiseWithResolvers<never>>;
  #nextId = 1;

  private constructor(
    child: ChildProcess,
    exited: Promise<unknown>,
    calls: Map<number, PromiseWithResolvers<never>>,
    launcherPid: number,
  ) {
    this.#child = child;
    this.#exited = exited;
    this.#calls = calls;
    this.pid = child.pid!;
    this.launcherPid = launcherPid;
  }

  /** Starts one in a process group of its own; resolves when it has recovered and is ready. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    return Daemon.begin(options).ready;
  }

  /** Begins to start one. `environment` is added to the test's own; `tracer` is a command that runs it. */
  static begin(
    options: DaemonOptions,
    environment: Readonly<Record<string, string>> = {},
    tracer: readonly string[] = [],
  ): StartingDaemon {
    const child = Daemon.#spawn(options, environment, tracer);
    const exited = once(child, 'exit');
    const calls = new Map<number, PromiseWithResolvers<never>>();
    const ready = Promise.withResolvers<{ launcherPid: number }>();
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.ready !== undefined) return ready.resolve(message.ready);
      const call = calls.get(message.id);
      calls.delete(message.id);
      if (message.error === undefined) call?.resolve(message.value as never);
      else call?.reject(Object.assign(new Error(message.error.message), { name: message.error.name }));
    });
    child.stdin!.on('error', () => {}); // It was killed while being spoken to: its calls fail below.
    void exited.then(() => {
      const gone = new Error(`daemon ${child.pid} has ended`);
      ready.reject(gone);
      for (const call of calls.values()) call.reject(gone);
    });
    const daemon = ready.promise.then(({ launcherPid }) => new Daemon(child, exited, calls, launcherPid));
    daemon.catch(() => {}); // Whoever waits for it is told; nobody need.
    return { pid: child.pid!, ready: daemon, ended: exited };
  }

  static #spawn(
    options: DaemonOptions,
    environment: Readonly<Record<string, string>> = {},
    tracer: readonly string[] = [],
  ): ChildProcess {
    const flags = ['--conditions=heddle-source', '--disable-warning=ExperimentalWarning'];
    const [command, ...args] = [...tracer, process.execPath, ...flags, MAIN, JSON.stringify(options)];
    return spawn(command!, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
  }

  call<T>(call: string, ...args: unknown[]): Promise<T> {
    if (this.hasEnded) return Promise.reject(new Error(`daemon ${this.pid} has ended`));
    const id = this.#nextId++;
    const answer = Promise.withResolvers<never>();
    this.#calls.set(id, answer);
    this.#child.stdin!.write(`${JSON.stringify({ id, call, args })}\n`);
    return answer.promise;
  }

  submit = (options: JobSubmitOptions) => this.call<string>('submitJob', options);
  info = (submissionId: string) => this.call<JobInfo>('getJobInfo', submissionId);
  list = () => this.call<JobInfo[]>('listJobs');
  logs = (submissionId: string) => this.call<string>('getJobLogs', submissionId);
  stop = (submissionId: string) => this.call<boolean>('stopJob', submissionId);
  stats = () => this.call<JobManagerStats>('stats');
  actors = () => this.call<ActorRow[]>('listActors');

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `kill -9` of its process group: the daemon and whatever shares its fate. */
  async kill(): Promise<void> {
    if (!this.hasEnded) process.kill(-this.pid, 'SIGKILL');
    await this.#exited;
  }

  /** Ends it in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.call('end').catch(() => {});
    await this.#exited;
    this.#child.stdin!.destroy();
  }
}
