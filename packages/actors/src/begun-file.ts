/**
 * The words that the two ends of a link between processes share: which calls have begun, and the heartbeat.
 *
 * A file of a few pages, written by `pwrite` and read by `pread`: what was written is there for the other process
 * at once and stays whatever becomes of the writer, SIGKILL included, and costs 1.3 µs. It is never synced and
 * soon has no name, so it is gone with the two processes.
 *
 * A slot's word holds the number of the last call in it that began; the caller knows the number of the call that
 * is in it now. So nobody has to clear a word when a slot is used again.
 */
import { BEAT_WORDS, type BeatWords } from './heartbeat.ts';
import { fs } from './late-builtins.ts';
import { type Side, SLOTS } from './link-memory.ts';

const HALF_BYTES = SLOTS * Uint16Array.BYTES_PER_ELEMENT;
const BEAT_AT = 2 * HALF_BYTES;
const FILE_BYTES = BEAT_AT + BEAT_WORDS * Int32Array.BYTES_PER_ELEMENT;

export class BegunFile implements BeatWords {
  readonly fd: number;
  /** Where it was made; undefined in the process that took it. */
  readonly path: string | undefined;
  readonly #word = new Uint16Array(1);
  readonly #beat = new Int32Array(1);
  #isClosed = false;

  private constructor(fd: number, path: string | undefined) {
    this.fd = fd;
    this.path = path;
  }

  /** Makes the file, with all its pages, so that no later write of it can fail. @throws the system's error. */
  static create(path: string): BegunFile {
    const file = new BegunFile(fs().openSync(path, 'wx+', 0o600), path);
    fs().writeSync(file.fd, new Uint8Array(FILE_BYTES), 0, FILE_BYTES, 0);
    return file;
  }

  /** Opens what the peer has made; nobody else will, so its name goes. */
  static take(path: string): BegunFile {
    const file = new BegunFile(fs().openSync(path, 'r+'), undefined);
    fs().unlinkSync(path);
    return file;
  }

  static inherited(fd: number): BegunFile {
    return new BegunFile(fd, undefined);
  }

  /** Says that call number `call` in a slot of the other side begins now. `caller`: whose call it is. */
  begin(caller: Side, slot: number, call: number): void {
    if (this.#isClosed) return;
    this.#word[0] = call;
    fs().writeSync(this.fd, this.#word, 0, 2, caller * HALF_BYTES + slot * 2);
  }

  /** The number of the last call that began, by slot. */
  readBegun(caller: Side): Uint16Array {
    const words = new Uint16Array(SLOTS);
    if (!this.#isClosed) fs().readSync(this.fd, words, 0, HALF_BYTES, caller * HALF_BYTES);
    return words;
  }

  storeBeat(index: number, word: number): void {
    this.#beat[0] = word;
    if (!this.#isClosed) fs().writeSync(this.fd, this.#beat, 0, 4, BEAT_AT + 4 * index);
  }

  loadBeat(index: number): number {
    if (this.#isClosed) return 0;
    fs().readSync(this.fd, this.#beat, 0, 4, BEAT_AT + 4 * index);
    return this.#beat[0]!;
  }

  /** The name is not needed any more, or the peer never came to take it. */
  unlink(): void {
    if (this.path === undefined) return;
    try {
      fs().unlinkSync(this.path);
    } catch {} // The peer has done it.
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.unlink();
    fs().closeSync(this.fd);
  }
}
