import { fs, os, path } from './late-builtins.ts';

/** A socket's path has room for 107 bytes; behind the folder's stand a slash and a number. */
const FOLDER_BYTES_MAX = 95;

let folders = 0;

/**
 * The private folder of one runtime in which its processes listen. It is there from the first process on, only
 * its user may enter, and it goes with the runtime, or with its last process when the driver is killed.
 */
export class SocketFolder implements Disposable {
  readonly path: string;
  #isMade = false;

  constructor(runtimeId: string) {
    const name = `heddle-${process.pid}-${folders++}-${runtimeId.slice(runtimeId.indexOf('_') + 1)}`;
    const { join } = path();
    const usual = join(os().tmpdir(), name);
    this.path = Buffer.byteLength(usual) <= FOLDER_BYTES_MAX ? usual : join('/tmp', name);
  }

  /** @throws the system's error. */
  make(): void {
    if (this.#isMade) return;
    fs().mkdirSync(this.path, { mode: 0o700 }); // One that is there already is somebody else's.
    this.#isMade = true;
  }

  [Symbol.dispose](): void {
    if (this.#isMade) fs().rmSync(this.path, { recursive: true, force: true });
    this.#isMade = false;
  }
}

export const socketPath = (folder: string, peer: number): string => path().join(folder, String(peer));

/** Takes away the socket of a process that is over. */
export function removeSocket(folder: string, peer: number): void {
  try {
    fs().unlinkSync(socketPath(folder, peer));
  } catch {} // It never listened.
}

/** Takes away an empty folder: its runtime has gone without doing so. */
export function removeFolderIfEmpty(folder: string): void {
  try {
    fs().rmdirSync(folder);
  } catch {} // Another process still lives in it, or was faster.
}
