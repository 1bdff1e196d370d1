import { v8, vm } from './late-builtins.ts';

type Collect = (options?: { readonly type: 'minor' }) => void;

/** After so many bytes that were moved into this thread its young objects are collected. */
const MOVED_BYTES_MAX = 16 * 1024 * 1024;

let collect: Collect | undefined;
let movedBytes = 0;

/** Collects the garbage of this thread now: for when memory that only a collection can free is needed. */
export function collectGarbage(): void {
  collector()();
}

/**
 * Binary data has come from another thread. V8 collects young objects when the buffers that it made for them weigh
 * too much; of those that were moved here it takes no notice until they are worth a collection of the whole heap,
 * which then costs more than all else of their calls. So the small collection is asked for here.
 */
export function noteMoved(value: unknown): void {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer)) return;
  movedBytes += buffer.byteLength;
  if (movedBytes < MOVED_BYTES_MAX) return;
  movedBytes = 0;
  collector()({ type: 'minor' });
}

function collector(): Collect {
  if (collect === undefined) {
    v8().setFlagsFromString('--expose-gc');
    collect = vm().runInNewContext('gc') as Collect;
  }
  return collect;
}
