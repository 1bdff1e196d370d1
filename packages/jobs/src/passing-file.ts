/**
 * A file that is read once: its name is gone from the start, and with the last byte, or when the reader leaves, the
 * file. So whatever becomes of the reader or of this process, nothing of it stays on the disk.
 */
import { close, openSync, read, rmSync } from 'node:fs';
import { promisify } from 'node:util';

const BLOCK_BYTES = 64 * 1024;
const readBlock = promisify(read);
const closeFile = promisify(close);

/** Iterates over the bytes. An object and no generator: one that was never begun could not be told to close. */
export class PassingFile implements AsyncIterableIterator<Uint8Array, undefined> {
  #fd: number | undefined;

  constructor(file: string) {
    try {
      this.#fd = openSync(file, 'r');
    } finally {
      rmSync(file, { force: true });
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#fd === undefined) return { done: true, value: undefined };
    const { bytesRead, buffer } = await readBlock(this.#fd, Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, null);
    if (bytesRead === 0) return this.return();
    return { done: false, value: buffer.subarray(0, bytesRead) };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await closeFile(fd);
    return { done: true, value: undefined };
  }
}
