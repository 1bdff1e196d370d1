/**
 * Bytes to text, piece by piece, exactly as the WHATWG decoder would turn the whole.
 *
 * A piece is cut only where a decoder would be at rest, so that pieces can be decoded one by one, in any
 * process and from any resumed offset. Bytes that are not UTF-8 become U+FFFD; no byte is dropped, a byte
 * order mark included.
 */
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** No UTF-8 sequence is longer. */
export const SEQUENCE_BYTES_MAX = 4;

/**
 * How many bytes from the start may be decoded now. The rest, at most three bytes, begins a sequence whose
 * end has not been read yet.
 */
export function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back < SEQUENCE_BYTES_MAX && back <= bytes.length; back++) {
    const length = sequenceLength(bytes[bytes.length - back]!);
    if (length === 0) continue; // A continuation byte: the sequence it belongs to begins further back.
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The length that a leading byte announces; 0 for a continuation byte. A byte that may lead nothing stands alone. */
function sequenceLength(byte: number): number {
  if (byte >= 0x80 && byte < 0xc0) return 0;
  if (byte >= 0xc2 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  if (byte >= 0xf0 && byte < 0xf5) return 4;
  return 1;
}
