/** What the journal asks of a disk. Handed in, so that a test can let it fail where a real one would. */
import { close, constants, fdatasync, fsync, open, rename, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Disk {
  /** A new, empty file, readable by its owner alone; an older one of that name is emptied. */
  create(path: string): Promise<number>;
  /** All of `bytes`, at `position`. */
  write(fd: number, bytes: Buffer, position: number): Promise<void>;
  /** Makes the bytes durable. */
  syncData(fd: number): Promise<void>;
  /** Makes the bytes and the file's length durable. */
  sync(fd: number): Promise<void>;
  /** Makes durable which files the directory has. */
  syncDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Never rejects. */
  close(fd: number): Promise<void>;
  /** Never throws: the file may not be there. */
  remove(path: string): void;
}

const system = {
  open: promisify(open),
  fdatasync: promisify(fdatasync),
  fsync: promisify(fsync),
  close: promisify(close),
  rename: promisify(rename),
};

export const nodeDisk: Disk = {
  create: (path) => system.open(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600),

  /** At once: the bytes go into the system's memory, which is what survives this process. Waiting is `syncData`'s. */
  async write(fd, bytes, position) {
    for (let written = 0; written < bytes.length; ) {
      const bytesWritten = writeSync(fd, bytes, written, bytes.length - written, position + written);
      if (bytesWritten === 0) throw new Error('the disk took no bytes');
      written += bytesWritten;
    }
  },

  syncData: system.fdatasync,
  sync: system.fsync,

  async syncDirectory(path) {
    const fd = await system.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await system.fsync(fd);
    } finally {
      await this.close(fd);
    }
  },

  rename: system.rename,
  close: (fd) => system.close(fd).catch(() => {}),

  remove(path) {
    try {
      rmSync(path, { force: true });
    } catch {
      // A disk that cannot even do that is found out by the next write.
    }
  },
};
