/**
 * Gets a connection to the living launcher of a directory, starting one if there is none.
 *
 *   somebody listens, and says hello       → connected
 *   somebody listens, and says nothing     → stopped? say so. Else wait.
 *   nobody listens, the lock is held       → coming up, leaving, or stopped: say so, or wait
 *   nobody listens, the lock is free       → start one; of several started at once, one gets the lock
 *
 * A launcher that is stopped holds its lock and perhaps running jobs: nothing is started in its place.
 */
import { connect, type Socket } from 'node:net';
import { type Clock, delay } from '@heddle/base';
import {
  LauncherProtocolError,
  LauncherStartError,
  LauncherStoppedError,
  LauncherUnresponsiveError,
  toError,
} from './errors.ts';
import { messageOf, systemCodeOf } from './failure.ts';
import { readLockHolder } from './held-lock.ts';
import { type LauncherHome, launcherHome, makeLauncherHome } from './launcher-home.ts';
import { StartedLauncher } from './launcher-start.ts';
import { MessageSocket } from './message-socket.ts';
import { isStopped } from './process-table.ts';
import { commonProtocol, type Hello, MIN_PROTOCOL, PROTOCOL } from './protocol.ts';
import { SocketPath } from './socket-path.ts';

const LOOK_AGAIN_MS = 10;
const OPEN_TIMEOUT_MS = 15_000;
/** Between two looks whether a launcher that says nothing is stopped. */
const HELLO_PATIENCE_MS = 250;
/** Started launchers may end without a word when they lose the race for the lock: so often at most. */
const SILENT_ENDS_MAX = 5;

/** A connection on which both have said hello. */
export interface Connection {
  readonly socket: MessageSocket;
  readonly hello: Hello;
  readonly protocol: number;
}

/** Where the messages after the hello go. */
export interface ConnectionEvents {
  received(message: unknown): void;
  closed(): void;
}

export interface ConnectOptions {
  /** Absolute. */
  readonly directory: string;
  readonly idleMs: number;
  readonly clock: Clock;
}

/**
 * @throws LauncherStoppedError, LauncherUnresponsiveError, LauncherProtocolError, LauncherStartError,
 * JournalDamagedError, JournalTooNewError
 */
export async function connectOrStart(options: ConnectOptions, events: ConnectionEvents): Promise<Connection> {
  const attempt = new ConnectAttempt(options, events);
  return attempt.run();
}

class ConnectAttempt {
  readonly #options: ConnectOptions;
  readonly #events: ConnectionEvents;
  readonly #home: LauncherHome;
  readonly #deadlineMs: number;
  #started: StartedLauncher | undefined;
  #silentEnds = 0;

  constructor(options: ConnectOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#home = launcherHome(options.directory);
    this.#deadlineMs = options.clock.monotonicMs() + OPEN_TIMEOUT_MS;
  }

  async run(): Promise<Connection> {
    this.#makeHome();
    for (;;) {
      const socket = await connectTo(this.#home.socket);
      const connection = socket && (await this.#greet(socket));
      if (connection !== undefined) {
        await this.#outlastLoser(connection.hello.pid);
        return connection;
      }
      await this.#startIfNeeded();
      if (this.#options.clock.monotonicMs() >= this.#deadlineMs) throw this.#unresponsive();
      await delay(this.#options.clock, LOOK_AGAIN_MS);
    }
  }

  /** A launcher that we started and that lost the race for the lock ends by itself: not later than this call. */
  async #outlastLoser(winnerPid: number): Promise<void> {
    while (this.#started !== undefined && this.#started.pid !== winnerPid && this.#started.isAlive) {
      if (this.#options.clock.monotonicMs() >= this.#deadlineMs) return;
      await delay(this.#options.clock, LOOK_AGAIN_MS);
    }
  }

  #makeHome(): void {
    try {
      makeLauncherHome(this.#home);
    } catch (error) {
      throw new LauncherStartError(this.#options.directory, messageOf(error), { cause: error });
    }
  }

  /** Says hello and waits for theirs. Undefined: the connection ended before it came. */
  async #greet(socket: Socket): Promise<Connection | undefined> {
    const greeting = new Greeting(socket, this.#events);
    const { clock } = this.#options;
    for (;;) {
      using patience = clock.after(HELLO_PATIENCE_MS, () => greeting.tick());
      const outcome = await greeting.next();
      patience.cancel();
      if (outcome === 'closed') return undefined;
      if (outcome !== 'silent') return this.#toConnection(greeting.socket, outcome);
      try {
        this.#refuseStopped();
        if (clock.monotonicMs() >= this.#deadlineMs) throw this.#unresponsive();
      } catch (error) {
        greeting.socket.destroy();
        throw error;
      }
    }
  }

  #toConnection(socket: MessageSocket, hello: Hello): Connection {
    const protocol = commonProtocol({ protocol: PROTOCOL, minProtocol: MIN_PROTOCOL }, hello);
    if (protocol !== undefined) return { socket, hello, protocol };
    socket.destroy();
    throw new LauncherProtocolError(hello.pid, [hello.minProtocol, hello.protocol], [MIN_PROTOCOL, PROTOCOL]);
  }

  async #startIfNeeded(): Promise<void> {
    if (this.#started?.isAlive) return;
    this.#judgeEnd();
    if (this.#refuseStopped() !== undefined) return; // It comes up, or leaves.
    const { directory, idleMs } = this.#options;
    try {
      this.#started = await StartedLauncher.start(this.#home, directory, idleMs);
    } catch (error) {
      throw new LauncherStartError(directory, messageOf(error), { cause: error });
    }
  }

  /** The launcher that was started has ended: it said why, or somebody else had the lock, or it cannot run at all. */
  #judgeEnd(): void {
    if (this.#started === undefined) return;
    const { failure, text } = this.#started.readLog();
    this.#started = undefined;
    if (failure !== undefined) throw toError(failure);
    if (++this.#silentEnds >= SILENT_ENDS_MAX)
      throw new LauncherStartError(this.#options.directory, text.trim().slice(-500) || 'it ends without a word');
  }

  /** Who holds the lock, if anybody. Throws when that process is stopped. */
  #refuseStopped(): number | undefined {
    const holder = readLockHolder(this.#home.lock);
    if (holder !== undefined && isStopped(holder)) throw new LauncherStoppedError(this.#options.directory, holder);
    return holder;
  }

  #unresponsive(): LauncherUnresponsiveError {
    return new LauncherUnresponsiveError(this.#options.directory, readLockHolder(this.#home.lock), OPEN_TIMEOUT_MS);
  }
}

/** The first messages of a connection, which it begins with its own hello; what comes after them goes on to `events`. */
export class Greeting {
  readonly socket: MessageSocket;
  #next = Promise.withResolvers<Hello | 'closed' | 'silent'>();
  #isOver = false;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.socket = new MessageSocket(socket, {
      received: (message) => {
        if (this.#isOver) events.received(message);
        else this.#next.resolve(message as Hello);
        this.#isOver = true;
      },
      closed: () => {
        if (this.#isOver) events.closed();
        this.#next.resolve('closed');
      },
    });
    const hello: Hello = { protocol: PROTOCOL, minProtocol: MIN_PROTOCOL, pid: process.pid };
    this.socket.send(hello);
  }

  /** Nothing has come for a while. */
  tick(): void {
    this.#next.resolve('silent');
  }

  async next(): Promise<Hello | 'closed' | 'silent'> {
    const outcome = await this.#next.promise;
    if (outcome === 'silent') this.#next = Promise.withResolvers();
    return outcome;
  }
}

/** Errors that mean that nobody listens, or nobody can be heard now. */
const NOBODY: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN', 'EPIPE'];

/** Undefined: nobody listens there, or nobody can be heard now. */
export async function connectTo(file: string): Promise<Socket | undefined> {
  const path = new SocketPath(file);
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(path.path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
    });
  } catch (error) {
    if (NOBODY.includes(systemCodeOf(error))) return undefined;
    throw error;
  } finally {
    path[Symbol.dispose]();
  }
}
