/**
 * The launcher's process: composes, and decides when to leave.
 *
 *   node launcher.mjs <directory> <idle ms>
 *
 * It loads `node:` modules only and all of them now, so that an upgrade of the files under its feet does not reach
 * it. It has its own session, `/` for a directory and an environment of its own; what a job gets comes with its
 * request. An error that nobody caught is logged and does not end it: it holds the only exit codes of its jobs.
 *
 * It leaves when nothing has run and nobody was connected for the idle time. SIGTERM makes it leave as soon as
 * nothing runs; it does not touch the jobs. In leaving it closes the door, looks once more for jobs and
 * connections, opens again if there are any, and only then removes its files and lets go of its lock.
 */
import { existsSync, fstatSync, ftruncateSync, rmSync, writeSync } from 'node:fs';
import type { Timer } from '@heddle/base';
import { encodeFailure, messageOf } from './failure.ts';
import { HeldLock } from './held-lock.ts';
import { closeInheritedDescriptors } from './inherited-descriptors.ts';
import { Launcher } from './launcher.ts';
import { type LauncherHome, launcherHome } from './launcher-home.ts';
import { LauncherServer } from './launcher-server.ts';
import { nodeClock, pause } from './node-clock.ts';
import { PosixSpawn } from './posix-spawn.ts';
import { nextTurn } from './turn.ts';

/** Who has just been started waits this long at least for whoever started it. */
const FIRST_IDLE_MS = 10_000;
const RETRY_MS = 1000;
const LOG_BYTES_MAX = 256 * 1024;

/** How the process ends, for whoever looks. */
const ExitCode = { Idle: 0, CannotStart: 1, LockIsHeld: 3 } as const;

/** The log is standard error: what Node itself has to say lands there too. */
function log(fields: object): void {
  try {
    writeSync(2, `${JSON.stringify({ atMs: nodeClock.now(), pid: process.pid, ...fields })}\n`);
  } catch {
    // The disk is full.
  }
}

class LauncherProcess {
  readonly #home: LauncherHome;
  readonly #lock: HeldLock;
  readonly #launcher: Launcher;
  readonly #server: LauncherServer;
  readonly #idleMs: number;
  #idle: Timer | undefined;
  #idleIsOver = false;
  #wasAskedToLeave = false;
  #isLeaving = false;

  static async start(home: LauncherHome, lock: HeldLock, idleMs: number): Promise<void> {
    let self: LauncherProcess | undefined;
    const launcher = await Launcher.open({
      journalPath: home.journal,
      groupsPath: home.groups,
      clock: nodeClock,
      posixSpawn: PosixSpawn.open(),
      log: (message) => log({ level: 'warn', message }),
      onChange: () => self?.consider(),
    });
    self = new LauncherProcess(home, lock, launcher, idleMs);
    await self.#server.listen();
    process.on('SIGTERM', () => self.askToLeave());
    self.#waitIdle(Math.max(idleMs, FIRST_IDLE_MS));
  }

  private constructor(home: LauncherHome, lock: HeldLock, launcher: Launcher, idleMs: number) {
    this.#home = home;
    this.#lock = lock;
    this.#launcher = launcher;
    this.#idleMs = idleMs;
    this.#server = new LauncherServer({ path: home.socket, launcher, onChange: () => this.consider() });
  }

  askToLeave(): void {
    this.#wasAskedToLeave = true;
    this.consider();
  }

  /** Looks whether it is time to leave, or to begin to wait for it, or to stop waiting. */
  consider(): void {
    if (this.#isBusy) {
      this.#idle?.cancel();
      this.#idle = undefined;
      this.#idleIsOver = false;
      return;
    }
    if ((this.#idleIsOver || this.#wasAskedToLeave) && this.#canLeave) void this.#leave();
    else if (this.#idle === undefined) this.#waitIdle(this.#idleMs);
  }

  get #isBusy(): boolean {
    return this.#launcher.hasJobs || (this.#server.connections > 0 && !this.#wasAskedToLeave);
  }

  /** In a directory that is gone nobody will ever find what could not be saved. */
  get #canLeave(): boolean {
    return this.#launcher.canLeave || !existsSync(this.#home.directory);
  }

  #waitIdle(idleMs: number): void {
    this.#idle = nodeClock.after(idleMs, () => {
      this.#idleIsOver = true;
      this.consider();
      if (!this.#isLeaving) this.#waitIdle(idleMs);
    });
  }

  async #leave(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#server.close();
    await nextTurn(); // Who has connected already is told of now.
    await nextTurn();
    if (this.#isBusy || !this.#canLeave) return this.#stay();
    await this.#launcher.close();
    if (fstatSync(2).size === 0) rmSync(this.#home.log, { force: true });
    this.#lock[Symbol.dispose]();
    process.exit(ExitCode.Idle);
  }

  /** Somebody has come at the last moment. */
  async #stay(): Promise<void> {
    for (;;) {
      try {
        await this.#server.listen();
        break;
      } catch (error) {
        log({ level: 'error', message: `cannot listen again: ${messageOf(error)}` });
        await pause(nodeClock, RETRY_MS);
      }
    }
    this.#isLeaving = false;
    this.consider();
  }
}

async function main(): Promise<void> {
  const [directory = '', idleMs = ''] = process.argv.slice(2);
  process.on('uncaughtException', (error) => log({ level: 'error', message: String(error.stack ?? error) }));
  process.on('SIGHUP', () => {});
  process.on('SIGINT', () => {});
  process.chdir('/');
  process.umask(0o022);
  closeInheritedDescriptors();

  const home = launcherHome(directory);
  let lock: HeldLock | undefined;
  try {
    lock = HeldLock.take(home.lock, { pid: process.pid });
    if (lock === undefined) process.exit(ExitCode.LockIsHeld);
    if (fstatSync(2).size > LOG_BYTES_MAX) ftruncateSync(2);
    await LauncherProcess.start(home, lock, Number(idleMs));
  } catch (error) {
    log({ level: 'error', startFailure: encodeFailure(error) });
    if (lock !== undefined) rmSync(home.socket, { force: true }); // A dead launcher's.
    lock?.[Symbol.dispose]();
    process.exit(ExitCode.CannotStart);
  }
}

void main();
