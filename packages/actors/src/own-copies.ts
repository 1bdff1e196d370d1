/**
 * The copies of binary data that encoding makes, as far as they may be moved instead of being copied twice more, into
 * the message and out of it: nobody else sees such a copy. That holds only for what is sent once at most; what may be
 * sent again stays where it is, and is written into the message.
 */

/** A smaller one is cheaper written into the message than moved. */
const MOVED_BYTES_MIN = 1_024;

/** The buffer of `copy`, made of `original`; undefined when it is not worth moving or not ours alone. */
export function movableBuffer(copy: unknown, original: unknown): ArrayBuffer | undefined {
  const buffer = bufferOf(copy);
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MOVED_BYTES_MIN) return undefined;
  const isOurs = buffer !== bufferOf(original); // A class of the user's may slice as it likes.
  const isWhole = (copy as ArrayBufferView | ArrayBuffer).byteLength === buffer.byteLength;
  return isOurs && isWhole ? buffer : undefined;
}

const bufferOf = (value: unknown): unknown => (ArrayBuffer.isView(value) ? value.buffer : value);
