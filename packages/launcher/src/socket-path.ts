/**
 * A socket's path, however long its directory's is.
 *
 * The kernel takes 107 bytes. A longer path goes through the directory's descriptor: `/proc/self/fd/<fd>/socket`.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const PATH_BYTES_MAX = 107;

/** A path to the same socket that the kernel takes, good until it is disposed. */
export class SocketPath implements Disposable {
  readonly path: string;
  #fd: number | undefined;

  /** @throws the system's error when the directory cannot be opened. */
  constructor(path: string) {
    if (Buffer.byteLength(path) <= PATH_BYTES_MAX) {
      this.path = path;
      return;
    }
    this.#fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
    this.path = `/proc/self/fd/${this.#fd}/${basename(path)}`;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
