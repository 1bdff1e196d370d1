/**
 * The WebSockets that follow logs: each sends what grows, at the pace of its reader, until its job is over.
 *
 * Closed with 1000 only after the job's terminal status is visible: Ray's CLI asks for it once, right after
 * the close. When a tail cannot go on the socket is dropped, which a client sees as 1006 and may resume from.
 */
import type { LogChunk } from '@heddle/api';
import type { Clock, Logger } from '@heddle/base';
import type { WebSocket } from 'ws';
import { SERVER_LIMITS } from './options.ts';

export interface TailSource {
  /** Follows the log until the job is over, or the signal aborts. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<LogChunk>;
  /** What is sent for a piece of the log. */
  readonly toFrames: (chunk: LogChunk) => Iterable<string>;
}

const NORMAL_CLOSE = 1000;

export class LogTails implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tails = new Map<WebSocket, Promise<void>>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** How many are open. */
  get size(): number {
    return this.#tails.size;
  }

  /** Takes over the socket and ends it. */
  start(socket: WebSocket, source: TailSource): void {
    const tail = this.#run(socket, source).finally(() => this.#tails.delete(socket));
    this.#tails.set(socket, tail);
  }

  /** Drops every socket and waits until nothing follows a log any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#tails.keys()) socket.terminate();
    await Promise.all(this.#tails.values());
  }

  async #run(socket: WebSocket, source: TailSource): Promise<void> {
    const leaving = new AbortController();
    socket.on('close', () => leaving.abort());
    socket.on('error', () => socket.terminate());
    using _heartbeat = this.#watchPeer(socket);
    try {
      for await (const chunk of source.follow(leaving.signal)) await sendAll(socket, source.toFrames(chunk));
      socket.close(NORMAL_CLOSE);
    } catch (error) {
      // A socket that is no longer open has failed because its reader left: that is no news.
      if (socket.readyState === socket.OPEN) this.#logger.warn({ err: error }, 'log tail dropped');
      socket.terminate();
    }
  }

  /** A silent job and a vanished reader look alike; only the reader answers pings. */
  #watchPeer(socket: WebSocket): Disposable {
    let isAnswered = true;
    socket.on('pong', () => {
      isAnswered = true;
    });
    return this.#clock.every(
      SERVER_LIMITS.pingPeriodMs,
      () => {
        if (!isAnswered) return socket.terminate();
        isAnswered = false;
        socket.ping();
      },
      { background: true },
    );
  }
}

/** Resolves when the last frame has been handed to the system: that is what holds a fast log back. */
async function sendAll(socket: WebSocket, frames: Iterable<string>): Promise<void> {
  let sent: Promise<void> | undefined;
  for (const frame of frames) sent = send(socket, frame, sent);
  await sent;
}

function send(socket: WebSocket, frame: string, before: Promise<void> | undefined): Promise<void> {
  before?.catch(() => {}); // The last one tells: a socket that fails, fails them all.
  return new Promise((resolve, reject) => {
    socket.send(frame, (error) => (error ? reject(error) : resolve()));
  });
}
