/**
 * A worker that is a process of its own, for one actor.
 *
 * It cannot outlive the driver: a descriptor of it closes with the driver, and a thread in it watches that one.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { threadId as driverThreadId } from 'node:worker_threads';
import { type Clock, decodeThrown, type EncodedThrown, realClock } from '@heddle/base';
import { BegunFile } from './begun-file.ts';
import { monotonicOrigin } from './driver-time.ts';
import { entryFile } from './entry-file.ts';
import { ActorDeathCause, WorkerCrashedError } from './errors.ts';
import { decodeValue, Frame, type ReadFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { childProcess, url } from './late-builtins.ts';
import { PoolWorker, type WorkerOptions } from './pool-worker.ts';
import { nodeOptions, type ProcessStart } from './process-start.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { removeSocket, socketPath } from './socket-folder.ts';
import type { SocketLink } from './socket-link.ts';
import { ControlClient } from './thread-control.ts';
import { workerStart } from './worker-start.ts';

export interface WorkerProcessOptions extends WorkerOptions {
  /** Its number among threads and processes: see `peer-number.ts`. */
  readonly peer: number;
  /** Other threads can have a link to it from now on. */
  readonly onReachable: (worker: PoolWorker) => void;
  /** What it wrote to its own streams, by lines. */
  readonly onOutput: (worker: PoolWorker, isError: boolean, text: string) => void;
}

const ENTRY = entryFile('process-main');

/** How long a process that was told to leave may take before it is ended. */
const LEAVE_LIMIT_MS = 5_000;

export class WorkerProcess extends PoolWorker {
  readonly threadId: number;
  readonly pid: number;
  readonly link: SocketLink;
  readonly control: ControlClient;
  /** The process is its only actor's: to kill the actor is to end it. */
  readonly kills = { kill: () => void this.terminate(new ActorDeathCause('its actor was killed')) };
  protected readonly heartbeat: Heartbeat;
  readonly #clock: Clock;
  readonly #onReachable: (worker: PoolWorker) => void;
  readonly #child: ChildProcess;
  readonly #endpoint: SocketEndpoint;
  #exit: ActorDeathCause | undefined;
  #lastWords: EncodedThrown | undefined;
  #isReachable = false;

  /** @throws WorkerCrashedError when the system does not start a process. */
  constructor(options: WorkerProcessOptions) {
    super(options, 'actor');
    this.#clock = options.clock;
    this.#onReachable = options.onReachable;
    this.threadId = options.peer;
    options.folder.make();
    const file = BegunFile.create(`${socketPath(options.folder.path, options.peer)}-words`);
    this.#child = start(options, file);
    file.unlink();
    const { pid, stdio } = this.#child;
    if (pid === undefined) {
      file.close();
      throw new WorkerCrashedError(`Cannot start a process for an actor: the system refused one`);
    }
    this.pid = pid;
    this.heartbeat = new Heartbeat(options.clock, file);
    this.link = options.core.links.makeSocketLink(options.peer);
    this.#endpoint = new SocketEndpoint(this.link);
    this.link.attach({ socket: stdio[3] as Socket, file, side: 0 }, (frame) => this.#received(frame));
    this.control = new ControlClient(options.workerId, this.#endpoint.endpoint);
    this.#unref();
    this.#child.once('exit', (code, signal) => {
      removeSocket(options.folder.path, this.threadId);
      const end = signal === null ? `with code ${code}` : `by signal ${signal}`;
      this.#exit = new ActorDeathCause(`worker "${this.workerId}" (process ${pid}) ended ${end}`);
      this.exited();
    });
    readLines(stdio[1] as Readable, (text) => options.onOutput(this, false, text));
    readLines(stdio[2] as Readable, (text) => options.onOutput(this, true, text));
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** Lets it write what it has not yet written, and ends it if it takes long. */
  async dismiss(cause: Error): Promise<void> {
    if (!this.#isReachable) return await this.terminate(cause);
    this.beginEnding(cause);
    this.link.sendOther(Frame.Leave);
    using _limit = this.#clock.after(LEAVE_LIMIT_MS, () => this.kill(), { background: true });
    await this.over;
  }

  protected kill(): void {
    this.#child.kill('SIGKILL');
  }

  protected holdProgram(): void {
    this.#child.ref();
  }

  /** Its last words come over the link, perhaps after its exit was seen. */
  protected leaving(): void {
    this.diesOf(this.#lastWords === undefined ? this.#exit : decodeThrown(this.#lastWords));
  }

  #unref(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) (stream as Socket | null)?.unref?.();
  }

  #received(frame: ReadFrame): void {
    if (frame.kind === Frame.Control) this.#endpoint.received(frame);
    else if (frame.kind === Frame.LastWords) this.#lastWords = decodeValue(frame.body) as EncodedThrown;
    else if (frame.kind === Frame.Ready) {
      this.#isReachable = true;
      this.#onReachable(this);
    }
  }
}

function start(options: WorkerProcessOptions, file: BegunFile): ChildProcess {
  const { workerId, peer, store, resourceLimits } = options;
  const told: ProcessStart = {
    ...workerStart(options),
    workerId,
    peer,
    driver: driverThreadId,
    objectStoreBytes: store.limitBytes,
    originMs: monotonicOrigin(realClock),
  };
  const args = [...nodeOptions(process.execArgv, resourceLimits), url().fileURLToPath(ENTRY), JSON.stringify(told)];
  const child = childProcess().spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', file.fd, 'pipe'],
  });
  child.on('error', () => {}); // Told by the missing pid, or by the exit.
  for (const stream of child.stdio ?? []) stream?.on('error', () => {}); // Its end is told by the link's.
  return child;
}

/** A line longer than this is handed on in pieces. */
const LINE_MAX = 64 * 1024;

function readLines(stream: Readable, take: (text: string) => void): void {
  let begun = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    begun += text;
    const end = begun.length > LINE_MAX ? begun.length : begun.lastIndexOf('\n') + 1;
    if (end > 0) take(begun.slice(0, end));
    begun = begun.slice(end);
  });
  stream.on('close', () => begun !== '' && take(begun));
}
