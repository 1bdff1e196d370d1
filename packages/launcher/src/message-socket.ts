/**
 * Whole messages over a stream socket, for both sides: four bytes of length, then JSON.
 *
 * All messages of one turn leave in one write. A peer that breaks the framing is cut off.
 */
import type { Socket } from 'node:net';
import { MESSAGE_BYTES_MAX } from './protocol.ts';

const LENGTH_BYTES = 4;

export interface MessageEvents {
  received(message: unknown): void;
  /** The connection is over; once. */
  closed(): void;
}

export class MessageSocket {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #isCorked = false;

  constructor(socket: Socket, events: MessageEvents) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk, events));
    socket.on('error', () => {}); // 'close' follows.
    socket.once('close', () => events.closed());
  }

  send(message: object): void {
    if (!this.#socket.writable) return;
    this.#corkForTurn();
    const text = Buffer.from(JSON.stringify(message));
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(text.length);
    this.#socket.write(length);
    this.#socket.write(text);
  }

  /** Sends what was said and ends. */
  end(): void {
    this.#socket.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #corkForTurn(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  #take(chunk: Buffer, events: MessageEvents): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    for (let text = this.#takeMessage(); text !== undefined; text = this.#takeMessage()) {
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        this.destroy();
        return;
      }
      events.received(message);
    }
  }

  /** The next whole message's text, if it is here. */
  #takeMessage(): string | undefined {
    if (this.#receivedBytes < LENGTH_BYTES) return undefined;
    if (this.#received[0]!.length < LENGTH_BYTES) this.#received = [Buffer.concat(this.#received)];
    const bytes = this.#received[0]!.readUInt32LE() + LENGTH_BYTES;
    if (bytes > MESSAGE_BYTES_MAX) {
      this.destroy();
      return undefined;
    }
    if (this.#receivedBytes < bytes) return undefined;
    const whole = this.#received.length === 1 ? this.#received[0]! : Buffer.concat(this.#received);
    const rest = whole.subarray(bytes);
    this.#received = rest.length > 0 ? [rest] : [];
    this.#receivedBytes = rest.length;
    return whole.toString('utf8', LENGTH_BYTES, bytes);
  }
}
