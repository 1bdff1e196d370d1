/**
 * The process of one attempt: spawned, signalled and awaited by its parent, the launcher.
 *
 * Own session and process group, nothing on stdin, stdout and stderr one file. While the leader is not reaped its
 * pid, and with it the number of its group, belongs to nobody else. So the group is signalled only in a turn in
 * which the leader certainly is not (`inFreshTurn`); afterwards only single processes are, each verified.
 */
import { ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Clock } from '@heddle/base';
import type { Exited, LaunchRequest, Started } from './attempt.ts';
import type { ControlGroup } from './control-group.ts';
import { messageOf, systemCodeOf } from './failure.ts';
import { logLength, type OpenLog } from './job-log.ts';
import type { ChildEnd, PosixSpawn } from './posix-spawn.ts';
import { type PidSpace, readStartTime } from './process-table.ts';
import { inFreshTurn } from './turn.ts';

export type SpawnOutcome = { readonly process: JobProcess } | { readonly failure: string };

/** What a process is started with that is no part of the request. */
export interface SpawnMeans {
  readonly log: OpenLog;
  readonly pidSpace: PidSpace;
  readonly clock: Clock;
  /** The faster way; missing: there is none here. */
  readonly posixSpawn: PosixSpawn | undefined;
  /** The attempt's, in which it starts. */
  readonly group: ControlGroup | undefined;
}

export class JobProcess {
  readonly started: Started;
  /** Resolves in the turn in which the end is told. Never rejects. */
  readonly ended: Promise<Exited>;
  #hasEnded = false;

  /** Spawns into an open log and the group that we are in, before the first `await`. Why a spawn failed is only known a moment later. */
  static async spawn(request: LaunchRequest, means: SpawnMeans): Promise<SpawnOutcome> {
    try {
      const child = startFast(request, means) ?? startByNode(request, means.log.fd);
      if (child instanceof ChildProcess) return { failure: describe(request, await failureOf(child)) };
      return { process: JobProcess.#of(child, request, means) };
    } catch (error) {
      return { failure: describe(request, error) };
    }
  }

  /** The same into the group whose open directory that is, which is not ours. Undefined: that is not to be had, or failed. */
  static spawnInto(request: LaunchRequest, means: SpawnMeans, groupFd: number): SpawnOutcome | undefined {
    const child = startFast(request, means, groupFd);
    return child === undefined ? undefined : { process: JobProcess.#of(child, request, means) };
  }

  static #of(child: Child, request: LaunchRequest, { log, pidSpace, clock, group }: SpawnMeans): JobProcess {
    const started = {
      pid: child.pid,
      startTime: readStartTime(child.pid),
      startedAtMs: clock.now(),
      ...pidSpace,
      logStartOffset: log.startOffset,
      ...(group !== undefined && { controlGroup: group.directory }),
    };
    return new JobProcess(child, started, request.logFile, clock);
  }

  private constructor(child: Child, started: Started, logFile: string, clock: Clock) {
    this.started = started;
    this.ended = new Promise((resolve) => {
      child.onEnd((end) => {
        this.#hasEnded = true;
        resolve({ ...end, endedAtMs: clock.now(), logBytes: logLength(logFile) });
      });
    });
  }

  /** Sends `signal` to the whole group, while the leader pins its number. False: the leader has ended, or may not be signalled. */
  signalGroup(signal: NodeJS.Signals): Promise<boolean> {
    return inFreshTurn(() => {
      if (this.#hasEnded) return false;
      try {
        return process.kill(-this.started.pid, signal);
      } catch {
        return false; // It has become another user's.
      }
    });
  }

  /** Whether somebody is left in the group. Only a question: after the leader's end the number may be another's. */
  hasGroup(): boolean {
    try {
      return process.kill(-this.started.pid, 0);
    } catch (error) {
      return systemCodeOf(error) === 'EPERM';
    }
  }
}

/** A process that was started: `onEnd` is called once, and what it is given is called once, in a later turn. */
interface Child {
  readonly pid: number;
  onEnd(ended: (end: ChildEnd) => void): void;
}

function startFast(request: LaunchRequest, { posixSpawn, log }: SpawnMeans, groupFd?: number): Child | undefined {
  let ended: (end: ChildEnd) => void = () => {};
  const { argv, cwd, env } = request;
  const command = { argv, cwd, env, outputFd: log.fd, ...(groupFd !== undefined && { groupFd }) };
  const pid = posixSpawn?.start(command, (end) => ended(end));
  if (pid === undefined) return undefined;
  return {
    pid,
    onEnd: (listener) => {
      ended = listener;
    },
  };
}

/** Gives the child itself when it could not be started: it will say why. */
function startByNode(request: LaunchRequest, logFd: number): Child | ChildProcess {
  const [command = '', ...args] = request.argv;
  const child = spawn(command, args, {
    cwd: request.cwd,
    env: request.env,
    detached: true,
    stdio: ['ignore', logFd, logFd],
  });
  if (child.pid === undefined) return child;
  child.on('error', () => {}); // A signal that could not be sent: whoever sent it looks again.
  return { pid: child.pid, onEnd: (ended) => child.once('exit', (code, signal) => ended({ code, signal })) };
}

const failureOf = (child: ChildProcess): Promise<Error> => new Promise((resolve) => child.once('error', resolve));

/** A path of 4 KiB in a message must not fill the journal. */
const DESCRIPTION_CHARS_MAX = 1000;

function describe(request: LaunchRequest, error: unknown): string {
  return explain(request, error).slice(0, DESCRIPTION_CHARS_MAX);
}

/** ENOENT says the same of a missing directory and of a missing command: the directory is looked at. */
function explain(request: LaunchRequest, error: unknown): string {
  const what = `Cannot start "${request.argv[0] ?? ''}"`;
  const code = systemCodeOf(error);
  const isDirectory = statSync(request.cwd, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if ((code === 'ENOENT' || code === 'ENOTDIR') && !isDirectory)
    return `${what}: its working directory "${request.cwd}" is not an existing directory (${code})`;
  if (code === 'ENOENT') return `${what}: there is no such command (ENOENT)`;
  if (code === 'EACCES') return `${what}: it may not be executed, or its directory may not be entered (EACCES)`;
  if (code === 'E2BIG')
    return `${what}: its words and its environment together, or one of them, are longer than the system takes (E2BIG)`;
  return `${what}: ${messageOf(error)}`;
}
