/**
 * Whole messages over a stream socket, for both sides: four bytes of length, then JSON.
 *
 * Each write wakes the peer, so what is said together leaves together: all messages of a turn or, for who tells many
 * things to one peer, of a whole round of the loop. A peer that breaks the framing is cut off.
 */
import type { Socket } from 'node:net';
import { MESSAGE_BYTES_MAX } from './protocol.ts';

const LENGTH_BYTES = 4;

/** When messages leave: at the end of the turn, or when all that the loop has in hand is done. */
export type Gathering = 'turn' | 'round';

export interface MessageEvents {
  received(message: unknown): void;
  /** The connection is over; once. */
  closed(): void;
}

export class MessageSocket {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  readonly #gathering: Gathering;
  #outgoing: Buffer[] = [];

  constructor(socket: Socket, events: MessageEvents, gathering: Gathering = 'turn') {
    this.#socket = socket;
    this.#gathering = gathering;
    socket.on('data', (chunk: Buffer) => this.#take(chunk, events));
    socket.on('error', () => {}); // 'close' follows.
    socket.once('close', () => events.closed());
  }

  send(message: object): void {
    if (!this.#socket.writable) return;
    if (this.#outgoing.push(encode(message)) > 1) return;
    if (this.#gathering === 'turn') process.nextTick(() => this.#flush());
    else setImmediate(() => this.#flush());
  }

  /** Sends what was said and ends. */
  end(): void {
    this.#flush();
    this.#socket.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #flush(): void {
    const [first, ...rest] = this.#outgoing;
    this.#outgoing = [];
    if (first === undefined || !this.#socket.writable) return;
    this.#socket.write(rest.length === 0 ? first : Buffer.concat([first, ...rest]));
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

function encode(message: object): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length);
  bytes.writeUInt32LE(length);
  bytes.write(text, LENGTH_BYTES);
  return bytes;
}
