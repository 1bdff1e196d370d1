/**
 * The server's connections: at most so many, and one more ends the one that has longest asked nothing whole.
 *
 * So a thousand sockets that are opened and never used, or fed a byte a second, take the places of one another and not
 * of those who ask. Those that never asked anything go before those that wait between two requests. One whose request
 * is being answered, or that has become a WebSocket, keeps its place; where all are such, the new one is refused.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #max: number;
  readonly #all = new Set<Socket>();
  /** Have never been answered, in the order in which they came. */
  readonly #new = new Set<Socket>();
  /** Have been, in the order in which that was. */
  readonly #known = new Set<Socket>();
  /** What they ask at present, perhaps not whole yet. */
  readonly #asked = new Map<Socket, IncomingMessage>();

  /** Counts the connections of `server` from now on. */
  constructor(server: Server, max: number) {
    this.#max = max;
    server.on('connection', (socket) => this.#opened(socket));
    server.on('request', (request, response) => this.#asks(request, response));
  }

  /** It becomes a WebSocket, and keeps its place for as long as it is open. */
  keep(socket: Socket): void {
    this.#new.delete(socket);
    this.#known.delete(socket);
  }

  #opened(socket: Socket): void {
    if (this.#all.size >= this.#max) {
      const victim = this.#longestWaiting();
      if (victim === undefined) {
        socket.destroy();
        return;
      }
      this.#forget(victim);
      victim.destroy();
    }
    this.#all.add(socket);
    this.#new.add(socket);
    socket.once('close', () => this.#forget(socket));
  }

  #asks(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#asked.set(socket, request);
    response.once('close', () => {
      if (this.#asked.get(socket) !== request) return; // It has gone, or asks the next thing already.
      this.#asked.delete(socket);
      this.keep(socket);
      if (this.#all.has(socket)) this.#known.add(socket);
    });
  }

  #longestWaiting(): Socket | undefined {
    for (const waiting of [this.#new, this.#known])
      for (const socket of waiting) if (this.#asked.get(socket)?.complete !== true) return socket;
    return undefined;
  }

  #forget(socket: Socket): void {
    this.#all.delete(socket);
    this.#asked.delete(socket);
    this.keep(socket);
  }
}
