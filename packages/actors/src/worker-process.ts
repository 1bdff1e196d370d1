/**
 * The process of one actor as the driver sees it: started, talked to over a link and control calls, and over when
 * its link has closed and its exit was seen, as a `WorkerThread` is.
 *
 * It cannot outlive the driver: a descriptor of it closes with the driver, and a thread in it watches that one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { threadId as driverThreadId, type ResourceLimits } from 'node:worker_threads';
import { type Clock, createDeferred, decodeThrown, type EncodedThrown, realClock } from '@heddle/base';
import type { ActorTemplate } from './actor-record.ts';
import { BegunFile } from './begun-file.ts';
import type { CoreWorker } from './core-worker.ts';
import { monotonicOrigin } from './driver-time.ts';
import { ActorDeathCause, WorkerCrashedError } from './errors.ts';
import { decodeValue, Frame, type ReadFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { presentJobId } from './job-id.ts';
import type { ObjectStore } from './object-store.ts';
import type { PoolWorker } from './pool-worker.ts';
import { nodeOptions, type ProcessStart } from './process-start.ts';
import type { CellKey } from './protocol.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { removeSocket, type SocketFolder, socketPath } from './socket-folder.ts';
import type { SocketLink } from './socket-link.ts';
import type { Tracing } from './task-trace.ts';
import { ControlClient } from './thread-control.ts';

export interface WorkerProcessOptions {
  readonly runtimeId: string;
  readonly workerId: string;
  readonly namespace: string;
  readonly clock: Clock;
  readonly core: CoreWorker;
  readonly store: ObjectStore;
  readonly tracing: Tracing;
  readonly telemetry: string | undefined;
  /** Its number among threads and processes: see `peer-number.ts`. */
  readonly peer: number;
  readonly folder: SocketFolder;
  readonly resourceLimits: ResourceLimits | undefined;
  /** Other threads can have a link to it from now on. */
  readonly onReachable: (worker: PoolWorker) => void;
  /** What it wrote to its own streams, by lines. */
  readonly onOutput: (worker: PoolWorker, isError: boolean, text: string) => void;
  /** Called once, when nothing more comes from the process. */
  readonly onOver: (worker: PoolWorker) => void;
}

/** The source tree runs as it is; a build has the same file in JavaScript beside this one. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './process-main.ts' : './process-main.js', import.meta.url);

/** How long a process that was told to leave may take before it is ended. */
const LEAVE_LIMIT_MS = 5_000;

export class WorkerProcess implements PoolWorker {
  readonly workerId: string;
  readonly role = 'actor';
  readonly threadId: number;
  readonly pid: number;
  readonly link: SocketLink;
  readonly control: ControlClient;
  /** The process is its only actor's: to kill the actor is to end it. */
  readonly kills = { kill: () => void this.terminate(new ActorDeathCause('its actor was killed')) };
  latestTemplate: ActorTemplate | undefined;
  readonly #options: WorkerProcessOptions;
  readonly #child: ChildProcess;
  readonly #endpoint: SocketEndpoint;
  readonly #heartbeat: Heartbeat;
  readonly #over = createDeferred();
  #cause: unknown;
  #exit: ActorDeathCause | undefined;
  #lastWords: EncodedThrown | undefined;
  #maxBlockedMs: number | undefined;
  #isReachable = false;
  #isEnding = false;
  #hasExited = false;
  #isOver = false;

  /** @throws WorkerCrashedError when the system does not start a process. */
  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.workerId = options.workerId;
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
    this.#heartbeat = new Heartbeat(options.clock, file);
    this.link = options.core.links.makeSocketLink(options.peer);
    this.#endpoint = new SocketEndpoint(this.link);
    this.link.attach({ socket: stdio[3] as Socket, file, side: 0 }, (frame) => this.#received(frame));
    this.control = new ControlClient(options.workerId, this.#endpoint.endpoint);
    this.#unref();
    this.#child.once('exit', (code, signal) => this.#exited(code, signal));
    readLines(stdio[1] as Readable, (text) => options.onOutput(this, false, text));
    readLines(stdio[2] as Readable, (text) => options.onOutput(this, true, text));
  }

  get cause(): unknown {
    return this.#cause;
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  get isOpen(): boolean {
    return !this.#hasExited && !this.#isEnding && this.link.isOpen;
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  get busyMs(): number {
    return this.#hasExited ? 0 : this.#heartbeat.busyMs();
  }

  get constructing(): { readonly cell: CellKey; readonly forMs: number } | undefined {
    return this.#hasExited ? undefined : this.#heartbeat.constructing;
  }

  get maxBlockedMs(): number | undefined {
    return this.#maxBlockedMs;
  }

  admit(maxBlockedMs: number | undefined): void {
    this.#maxBlockedMs = maxBlockedMs;
  }

  blocked(busyMs: number): void {
    void this.terminate(new ActorDeathCause(`worker "${this.workerId}" did not turn for ${busyMs} ms`));
  }

  linkClosed(): void {
    this.#checkOver();
  }

  async terminate(cause: Error): Promise<void> {
    this.#cause ??= cause;
    this.#isEnding = true;
    this.#child.ref(); // Whoever waits for the end must not run out of events before it.
    if (this.link.isOpen) this.link.ref();
    this.#child.kill('SIGKILL');
    await this.#over.promise;
  }

  /** Lets it write what it has not yet written, and ends it if it takes long. */
  async dismiss(cause: Error): Promise<void> {
    this.#cause ??= cause;
    this.#isEnding = true;
    if (this.#isReachable) {
      this.link.sendOther(Frame.Leave);
      using _limit = this.#options.clock.after(LEAVE_LIMIT_MS, () => this.#child.kill('SIGKILL'), { background: true });
      await this.#over.promise;
    } else {
      await this.terminate(cause);
    }
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
      this.#options.onReachable(this);
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#hasExited = true;
    removeSocket(this.#options.folder.path, this.threadId);
    this.control.exited();
    const end = signal === null ? `with code ${code}` : `by signal ${signal}`;
    this.#exit = new ActorDeathCause(`worker "${this.workerId}" (process ${this.pid}) ended ${end}`);
    this.#checkOver();
  }

  #checkOver(): void {
    if (this.#isOver || !this.#hasExited || this.link.isOpen) return;
    this.#isOver = true;
    this.#cause ??= this.#lastWords === undefined ? this.#exit : decodeThrown(this.#lastWords);
    this.#options.onOver(this);
    this.#over.resolve();
  }
}

function start(options: WorkerProcessOptions, file: BegunFile): ChildProcess {
  const { runtimeId, workerId, namespace, peer, folder, store, tracing, telemetry, resourceLimits } = options;
  const told: ProcessStart = {
    runtimeId,
    workerId,
    namespace,
    jobId: presentJobId(),
    peer,
    driver: driverThreadId,
    folder: folder.path,
    objectStoreBytes: store.limitBytes,
    tracing,
    telemetry,
    originMs: monotonicOrigin(realClock),
  };
  const args = [...nodeOptions(process.execArgv, resourceLimits), fileURLToPath(ENTRY), JSON.stringify(told)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', file.fd, 'pipe'] });
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
