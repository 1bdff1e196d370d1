/**
 * One WebSocket that brings a job's log, read at the reader's pace.
 *
 * The platform's WebSocket cannot be told to wait. So a reader who falls `CHUNKS_MAX` behind is cut off: the
 * socket is closed, what has arrived is read to the end, and whoever owns this connects again at the offset
 * where it stopped. That bounds memory without a word of protocol.
 */
import type { LogChunk } from '@heddle/api';
import { createDeferred, type Deferred } from '@heddle/base';

/** `over`: the job has ended and all was sent. `dropped`: the connection is lost. `behind`: see above. */
export type SocketEnding = 'over' | 'dropped' | 'behind';

const CHUNKS_MAX = 64;
/** The server's word that the log is complete. */
const NORMAL_CLOSE = 1000;

/** A connection that a log comes by. Whoever opened it disposes it. */
export interface LogSource extends Disposable {
  /** The next piece, or how the connection ended once all that arrived is read. Rejects with the signal's reason. */
  next(signal: AbortSignal | undefined): Promise<LogChunk | SocketEnding>;
}

export class LogSocket implements LogSource {
  readonly #socket: WebSocket;
  readonly #arrived: LogChunk[] = [];
  #ending: SocketEnding | undefined;
  #waiting: Deferred<void> | undefined;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#socket = new WebSocket(url, { headers: { ...headers } });
    this.#socket.onmessage = (event) => this.#arrive(JSON.parse(String(event.data)) as LogChunk);
    this.#socket.onclose = (event) => this.#end(event.code === NORMAL_CLOSE ? 'over' : 'dropped');
    this.#socket.onerror = () => this.#end('dropped');
  }

  async next(signal: AbortSignal | undefined): Promise<LogChunk | SocketEnding> {
    for (;;) {
      signal?.throwIfAborted();
      const chunk = this.#arrived.shift();
      if (chunk !== undefined) return chunk;
      if (this.#ending !== undefined) return this.#ending;
      await this.#wait(signal);
    }
  }

  [Symbol.dispose](): void {
    this.#end('dropped');
  }

  #arrive(chunk: LogChunk): void {
    if (this.#ending !== undefined) return; // Comes after the cut: it will be asked for again.
    this.#arrived.push(chunk);
    if (this.#arrived.length >= CHUNKS_MAX) this.#end('behind');
    this.#waiting?.resolve();
  }

  #end(ending: SocketEnding): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#socket.close();
    this.#waiting?.resolve();
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    this.#waiting = createDeferred();
    const wake = this.#waiting.resolve;
    signal?.addEventListener('abort', wake as () => void, { once: true });
    try {
      await this.#waiting.promise;
    } finally {
      this.#waiting = undefined;
      signal?.removeEventListener('abort', wake as () => void);
    }
  }
}
