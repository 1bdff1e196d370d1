/**
 * The HTTP and WebSocket server: Ray's Jobs REST API, the state API, and Heddle's own routes.
 *
 * It holds no state of its own and owns neither the jobs nor the runtime. It listens from the start and
 * answers 503 about jobs until they are recovered. Disposing it drops the log tails, gives requests a moment
 * to end, and leaves no socket.
 */
import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeddleError, registerErrorClass } from '@heddle/base';
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { createApp } from './app.ts';
import { Connections } from './connections.ts';
import { LogTails } from './log-tails.ts';
import {
  type ResolvedServerOptions,
  resolveServerOptions,
  SERVER_LIMITS,
  type ServerOptions,
  toGuardPolicy,
} from './options.ts';
import { Readiness } from './readiness.ts';

/** The address cannot be listened on. */
export class ListenError extends HeddleError {
  override readonly name = 'ListenError';
  override readonly code = 'LISTEN_FAILED';
  override readonly details: { readonly host: string; readonly port: number; readonly reason: string };

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`Cannot listen on "${host}:${port}": ${factOf(cause)}`, { cause });
    this.details = { host, port, reason: cause.code ?? 'UNKNOWN' };
  }
}
registerErrorClass(ListenError);

/** Starts a server. @throws ListenError, InsecureBindError, TypeError or RangeError for a wrong option. */
export async function startServer(given: ServerOptions): Promise<Server> {
  const options = resolveServerOptions(given);
  const server = new Server(options);
  await server.listen();
  return server;
}

export class Server implements AsyncDisposable {
  readonly #options: ResolvedServerOptions;
  readonly #http: HttpServer;
  readonly #tails: LogTails;
  readonly #readiness: Readiness;
  readonly #connections: Connections;
  #isShutdownAsked = false;
  #closed: Promise<void> | undefined;

  /** Use `startServer`. */
  constructor(options: ResolvedServerOptions) {
    this.#options = options;
    this.#tails = new LogTails(options.clock, options.logger);
    this.#readiness = new Readiness(options.jobs);
    const app = createApp(
      {
        readiness: this.#readiness,
        runtime: options.runtime,
        tails: this.#tails,
        node: { nodeId: options.ids.next('daemon'), nodeIp: '127.0.0.1', pid: process.pid },
        directory: options.directory,
        startedAtMs: options.clock.now(),
        shutdown: (stopJobs) => this.#askShutdown(stopJobs),
        clock: options.clock,
        logger: options.logger,
      },
      toGuardPolicy(options),
    );
    this.#http = createAdaptorServer({
      fetch: app.fetch,
      hostname: options.host,
      overrideGlobalObjects: false,
      websocket: { server: createSocketServer() },
      serverOptions: {
        headersTimeout: SERVER_LIMITS.headersTimeoutMs,
        requestTimeout: SERVER_LIMITS.requestTimeoutMs,
        connectionsCheckingInterval: SERVER_LIMITS.headersTimeoutMs / 2,
        // Any other upgrade is ignored, as HTTP allows: nobody here would ever answer it.
        shouldUpgradeCallback: (request) => this.#isWebSocket(request),
      },
    }) as HttpServer;
    this.#connections = new Connections(this.#http, SERVER_LIMITS.connectionsMax);
  }

  /** Where it listens; the one given, or the free one that was found for 0. */
  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** Under which address it is reached from this machine. */
  get url(): string {
    const { host } = this.#options;
    if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${this.port}`;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** @internal */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#http.listen({ host, port });
      await once(this.#http, 'listening');
    } catch (error) {
      throw new ListenError(host, port, error as NodeJS.ErrnoException);
    }
  }

  /** Says from now on that the daemon is about to end. */
  announceStop(): void {
    this.#readiness.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.announceStop();
    const closed = once(this.#http, 'close');
    this.#http.close();
    using _limit = this.#options.clock.after(SERVER_LIMITS.closeGraceMs, () => this.#http.closeAllConnections());
    await this.#tails[Symbol.asyncDispose]();
    await closed;
  }

  #isWebSocket({ headers, socket }: IncomingMessage): boolean {
    const isOne = headers.upgrade?.toLowerCase() === 'websocket';
    if (isOne) this.#connections.keep(socket); // One that is refused is closed.
    return isOne;
  }

  #askShutdown(stopJobs: boolean): void {
    if (this.#isShutdownAsked) return;
    this.#isShutdownAsked = true;
    // The answer first: whoever asked shall not find the connection cut.
    this.#options.clock.after(0, () => this.#options.onShutdown({ stopJobs }));
  }
}

/** Nothing is expected from a client: a message larger than a few bytes ends the socket. */
function createSocketServer(): WebSocketServerLike {
  // Its types leave `noServer` open, which the adaptor's do not.
  return new WebSocketServer({ noServer: true, maxPayload: 1024 }) as unknown as WebSocketServerLike;
}

function factOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use';
    case 'EACCES':
      return 'this user may not use the port';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address';
    default:
      return message;
  }
}
