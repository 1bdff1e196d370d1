import type { Transferable } from 'node:worker_threads';
import { wrongType } from '@heddle/base';

/** A value on its way out with what it owns: made by `transfer`, taken apart by the encoder. */
export class Transferred {
  readonly value: unknown;
  readonly list: readonly Transferable[];

  constructor(value: unknown, list: readonly Transferable[]) {
    this.value = value;
    this.list = list;
  }
}

/**
 * Moves `list` (array buffers, ports, …) to the receiver instead of copying it, when the call is made or the
 * method returns: here they are empty afterwards. Such a call is never run again, since its arguments are gone.
 *
 * ```ts
 * await store.add.remote(transfer(pixels, [pixels.buffer]));
 * ```
 * @throws TypeError for what is no list.
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list)) throw wrongType('transfer a value', 'list', list, 'a list of what to move');
  return new Transferred(value, list) as T;
}
