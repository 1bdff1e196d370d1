/**
 * Frames: what two processes exchange over a socket. Each is a head of eleven bytes and a value.
 *
 *   kind     1 byte
 *   length   6 bytes   of the value, in bytes
 *   consumed 4 bytes   how many batches the sender of this frame has consumed so far, modulo 2^32
 *
 *   Batch     the numbers of the calls in it, and a batch of `protocol.ts`
 *   Stored    the same, with copies of the memory of stored objects (`wire-memory.ts`)
 *   Credit    nothing: it is there for its head
 *   Hello     who connects: the first frame on a connection that was dialled
 *   Ready     the process can be dialled from now on
 *   Control   a message of the control calls (`thread-control.ts`)
 *   LastWords what the process is about to die of
 *   Leave     the driver's wish that the process ends in order
 *
 * Values are written by V8's serialiser, as a port writes them, without what only threads of one process can share:
 * see `wire-values.ts`.
 */
import { v8 } from './late-builtins.ts';

export const Frame = {
  Batch: 0,
  Credit: 1,
  Hello: 2,
  Ready: 3,
  Control: 4,
  LastWords: 5,
  Leave: 6,
  Stored: 7,
} as const;
export type Frame = (typeof Frame)[keyof typeof Frame];

const HEAD_BYTES = 11;
const LENGTH_AT = 1;
const LENGTH_BYTES = 6;
const CONSUMED_AT = LENGTH_AT + LENGTH_BYTES;
const NO_HEAD = Buffer.alloc(HEAD_BYTES);

/** A frame ready to be written. `value` undefined: the head alone. @throws for a value that cannot leave the process. */
export function encodeFrame(kind: Frame, consumed: number, value?: unknown): Buffer {
  const frame = value === undefined ? Buffer.alloc(HEAD_BYTES) : serialize(value);
  frame[0] = kind;
  frame.writeUIntLE(frame.length - HEAD_BYTES, LENGTH_AT, LENGTH_BYTES);
  frame.writeInt32LE(consumed | 0, CONSUMED_AT);
  return frame;
}

/** The value behind room for a head. */
function serialize(value: unknown): Buffer {
  const serializer = new (v8().Serializer)();
  serializer.writeRawBytes(NO_HEAD);
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export interface ReadFrame {
  readonly kind: Frame;
  readonly consumed: number;
  /** The value; read once, or not at all. */
  readonly body: Buffer;
}

export function decodeValue(body: Buffer): unknown {
  const deserializer = new (v8().Deserializer)(body);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Cuts what arrives on a socket into frames, however it is divided. */
export class FrameReader {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFilled = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;

  /** Takes a piece and hands on each frame that it completes, in order. A frame's body is valid during the call. */
  push(chunk: Buffer, take: (frame: ReadFrame) => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#headFilled < HEAD_BYTES) {
        at += this.#fillHead(chunk, at);
        if (this.#headFilled < HEAD_BYTES) return;
      }
      const length = this.#head.readUIntLE(LENGTH_AT, LENGTH_BYTES);
      if (this.#body === undefined && chunk.length - at >= length) {
        this.#hand(chunk.subarray(at, at + length), take);
        at += length;
        continue;
      }
      at += this.#fillBody(chunk, at, length);
      if (this.#bodyFilled === length) this.#hand(this.#body!, take);
    }
  }

  #fillHead(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#head, this.#headFilled, at, at + HEAD_BYTES - this.#headFilled);
    this.#headFilled += copied;
    return copied;
  }

  #fillBody(chunk: Buffer, at: number, length: number): number {
    this.#body ??= Buffer.allocUnsafeSlow(length);
    const copied = chunk.copy(this.#body, this.#bodyFilled, at, at + length - this.#bodyFilled);
    this.#bodyFilled += copied;
    return copied;
  }

  #hand(body: Buffer, take: (frame: ReadFrame) => void): void {
    const [kind, consumed] = [this.#head[0] as Frame, this.#head.readInt32LE(CONSUMED_AT)];
    this.#headFilled = 0;
    this.#body = undefined;
    this.#bodyFilled = 0;
    take({ kind, consumed, body });
  }
}
