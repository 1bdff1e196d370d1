/**
 * The launcher's door: takes connections, says hello, hands requests to the launcher and its answers back.
 *
 * A client that goes away takes nothing with it: what it has asked for goes on, and its answers are dropped.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { encodeFailure, Failure } from './failure.ts';
import type { Launcher } from './launcher.ts';
import { type MessageEvents, MessageSocket } from './message-socket.ts';
import { commonProtocol, type Hello, MIN_PROTOCOL, PROTOCOL, type Reply, type Request } from './protocol.ts';
import { SocketPath } from './socket-path.ts';

/** Daemon, system thread and a few tools at once. */
const BACKLOG = 128;

export interface ServerOptions {
  readonly path: string;
  readonly launcher: Launcher;
  /** Called when a connection has come or gone. */
  readonly onChange: () => void;
}

export class LauncherServer {
  readonly #options: ServerOptions;
  readonly #connections = new Set<MessageSocket>();
  #server: Server | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Whoever calls this holds the launcher's lock, so a socket that lies there is a dead launcher's. */
  async listen(): Promise<void> {
    rmSync(this.#options.path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    using path = new SocketPath(this.#options.path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: path.path, backlog: BACKLOG }, resolve);
    });
    chmodSync(this.#options.path, 0o600);
    server.on('error', () => {}); // An accept that failed (EMFILE): the client tries again.
    this.#server = server;
  }

  /** Takes no more connections and removes the socket. Those that are there stay. */
  close(): void {
    this.#server?.close();
    this.#server = undefined;
    rmSync(this.#options.path, { force: true });
  }

  #accept(socket: Socket): void {
    const events: MessageEvents = {
      received: (message) => this.#received(connection, message as Hello | Request),
      closed: () => {
        this.#connections.delete(connection);
        this.#options.onChange();
      },
    };
    const connection = new MessageSocket(socket, events, 'round');
    this.#connections.add(connection);
    this.#options.onChange();
  }

  #received(connection: MessageSocket, message: Hello | Request): void {
    if ('protocol' in message) this.#greet(connection, message);
    else void this.#answer(message).then((reply) => connection.send(reply));
  }

  /** The hello is said in any case, so that a client which cannot go on knows why. */
  #greet(connection: MessageSocket, theirs: Hello): void {
    const { containment } = this.#options.launcher.status;
    const ours: Hello = { protocol: PROTOCOL, minProtocol: MIN_PROTOCOL, pid: process.pid, containment };
    connection.send(ours);
    if (commonProtocol(ours, theirs) === undefined) connection.end();
  }

  async #answer(request: Request): Promise<Reply> {
    try {
      return { id: request.id, value: await this.#handle(request) };
    } catch (error) {
      return { id: request.id, failure: encodeFailure(error) };
    }
  }

  #handle(request: Request): unknown {
    const { launcher } = this.#options;
    switch (request.kind) {
      case 'launch':
        return launcher.launch(request.request);
      case 'refuse':
        return launcher.refuse(request.attemptId, request.jobId);
      case 'report':
        return launcher.report(request.attemptId) ?? null;
      case 'reports':
        return launcher.reports();
      case 'await-exit':
        return launcher.exited(request.attemptId);
      case 'stop':
        return launcher.stop(request.attemptId, { signal: toSignal(request.signal), graceMs: request.graceMs });
      case 'settle':
        launcher.settle(request.attemptIds);
        return null;
      case 'status':
        return launcher.status;
      default:
        throw new Failure('LAUNCHER_FAILED', `Cannot answer a request of kind "${(request as Request).kind}": unknown`);
    }
  }
}

function toSignal(name: string): NodeJS.Signals {
  if (Object.hasOwn(constants.signals, name)) return name as NodeJS.Signals;
  throw new Failure('LAUNCHER_FAILED', `Cannot stop with signal "${name}": there is no such signal`, { signal: name });
}
