/**
 * Writes to a socket so that it is known at any moment what the system has taken.
 *
 * Node's own `write` closes the socket at the first failure, with all that the peer sent before it died still
 * unread. So a piece goes straight to the descriptor; only what the system does not take at once is left to the
 * socket, which waits until it can be written and by then has read what there is. And a process that is about to
 * end can still write what waits (`writeAtExit`).
 */
import type { Socket } from 'node:net';
import { fs } from './late-builtins.ts';

/** What Node keeps of a socket and tells nobody: its descriptor, and how much of a write is left. */
interface Handle {
  readonly fd: number;
  readonly writeQueueSize: number;
}

/** How long a process that ends waits for a peer that takes nothing. */
const EXIT_WAIT_MS = 2_000;

export class SocketWriter {
  readonly #socket: Socket;
  readonly #fd: number;
  /** What the socket is writing, then what waits behind it. */
  readonly #waiting: Buffer[] = [];
  /** The peer takes nothing more. What it sent may still be read. */
  #isBroken = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#fd = handleOf(socket).fd;
  }

  write(bytes: Buffer): void {
    if (this.#isBroken || this.#socket.destroyed) return;
    if (this.#waiting.length > 0) {
      this.#waiting.push(bytes);
      return;
    }
    const taken = this.#offer(bytes);
    if (taken < bytes.length) this.#leave(bytes.subarray(taken));
  }

  /** Writes what waits and does not return before the system has it, or the peer has taken nothing for too long. */
  writeAtExit(): void {
    const [first, ...rest] = this.#waiting.splice(0);
    if (first === undefined || this.#isBroken || this.#socket.destroyed) return;
    const left = handleOf(this.#socket).writeQueueSize;
    for (const bytes of [first.subarray(first.length - left), ...rest]) if (!this.#insist(bytes)) return;
  }

  /** Writes as much as the system takes now. */
  #offer(bytes: Buffer): number {
    try {
      return fs().writeSync(this.#fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      this.#isBroken = true;
      return bytes.length;
    }
  }

  #leave(bytes: Buffer): void {
    this.#waiting.unshift(bytes);
    this.#socket.write(bytes, (error) => {
      this.#waiting.shift();
      if (error !== undefined && error !== null) this.#isBroken = true;
      if (this.#isBroken || this.#socket.destroyed) return;
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        const taken = this.#offer(next);
        if (taken === next.length) continue;
        this.#leave(next.subarray(taken));
        return;
      }
    });
  }

  #insist(bytes: Buffer): boolean {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    let waitedMs = 0;
    for (let at = 0; at < bytes.length && !this.#isBroken; ) {
      const taken = this.#offer(bytes.subarray(at));
      at += taken;
      if (taken > 0) continue;
      if (waitedMs++ >= EXIT_WAIT_MS) return false;
      Atomics.wait(pause, 0, 0, 1); // There is no loop any more that could tell.
    }
    return !this.#isBroken;
  }
}

function handleOf(socket: Socket): Handle {
  const handle = (socket as unknown as { _handle: Handle | null })._handle;
  if (handle === null || typeof handle.fd !== 'number' || handle.fd < 0)
    throw new Error('Cannot write to a socket: it has no descriptor');
  return handle;
}
