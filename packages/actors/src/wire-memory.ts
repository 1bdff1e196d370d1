/**
 * The memory of stored objects on its way to another process: it cannot be shared there, and since it is read-only
 * by convention a copy does as well. It becomes shared memory again, so that there too a value that was got is a
 * view of what is kept.
 */
import type { Batch } from './protocol.ts';

/** One field of a batch that was shared memory, or a view of it. */
interface MemoryField {
  readonly at: number;
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** A batch whose fields of shared memory stand beside it, as copies. */
export interface StoredBatch {
  readonly batch: Batch;
  readonly memories: readonly MemoryField[];
}

const VIEWS: ReadonlyMap<string, new (memory: SharedArrayBuffer) => ArrayBufferView> = new Map(
  [
    ...[DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float16Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ].map((View) => [View.name, View as never]),
);

/** The batch without its shared memory, or undefined when it has none. */
export function withCopies(batch: Batch): StoredBatch | undefined {
  const memories: MemoryField[] = [];
  for (let at = 0; at < batch.length; at++) {
    const field = batch[at];
    if (field instanceof SharedArrayBuffer) memories.push({ at, kind: '', bytes: new Uint8Array(field).slice() });
    else if (isSharedView(field)) memories.push({ at, kind: kindOf(field), bytes: bytesOf(field) });
  }
  if (memories.length === 0) return undefined;
  const rest = [...batch];
  for (const { at } of memories) rest[at] = undefined;
  return { batch: rest, memories };
}

export function withMemory({ batch, memories }: StoredBatch): Batch {
  for (const { at, kind, bytes } of memories) {
    const memory = new SharedArrayBuffer(bytes.length);
    new Uint8Array(memory).set(bytes);
    const View = VIEWS.get(kind);
    batch[at] = View === undefined ? memory : new View(memory);
  }
  return batch;
}

export const isShared = (field: unknown): boolean => field instanceof SharedArrayBuffer || isSharedView(field);

const isSharedView = (field: unknown): field is ArrayBufferView =>
  ArrayBuffer.isView(field) && field.buffer instanceof SharedArrayBuffer;

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();

/** A `Buffer` arrives as what it is a kind of. */
const kindOf = (view: ArrayBufferView): string => (Buffer.isBuffer(view) ? 'Uint8Array' : view.constructor.name);
