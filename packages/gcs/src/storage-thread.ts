import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { createDeferred, decodeError } from '@heddle/base';
import { StorageError } from './errors.ts';
import type { SqliteStorageOptions } from './sqlite-storage.ts';
import type { StorageThreadData, StorageThreadOpened } from './storage-main.ts';

/** The source tree runs as it is; a build has the same file in JavaScript beside this one. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './storage-main.ts' : './storage-main.js', import.meta.url);

const YOUNG_MB = 6;

/** A thread that serves one SQLite file. It ends when `port`, which the caller owns, is closed. */
export class StorageThread {
  readonly port: MessagePort;
  readonly #worker: Worker;
  readonly #opened = createDeferred();
  readonly #exited = createDeferred<unknown>();
  #crash: unknown;

  /** Resolves when the file is open and all that was in it is recovered. */
  static async start(options: SqliteStorageOptions): Promise<StorageThread> {
    const thread = new StorageThread(options);
    try {
      await thread.#opened.promise;
    } catch (error) {
      await thread.#exited.promise; // Whoever is told of the failure finds no thread left of it.
      throw error;
    }
    thread.#worker.unref(); // From here on, whoever waits for an answer holds the port.
    return thread;
  }

  private constructor(options: SqliteStorageOptions) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const data: StorageThreadData = { options, port: port2 };
    this.#worker = new Worker(ENTRY, {
      workerData: data,
      transferList: [port2],
      name: 'heddle storage',
      execArgv: conditionFlags(process.execArgv),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB }, // What is read and written passes through: more is garbage.
    });
    this.#worker.on('error', (error) => {
      this.#crash = error;
    });
    this.#worker.on('message', (message: StorageThreadOpened) => {
      if (message.isOpen) this.#opened.resolve();
      else this.#opened.reject(decodeError(message.error));
    });
    this.#worker.on('exit', () => {
      this.#exited.resolve(this.#crash);
      const fact = `Cannot open tables in "${options.file}": their thread ended`;
      this.#opened.reject(new StorageError(fact, { isFinal: true, cause: this.#crash }));
    });
  }

  /** Resolves when the thread has exited: with what it crashed of, if it did. */
  exited(): Promise<unknown> {
    this.#worker.ref();
    return this.#exited.promise;
  }

  /** Ends the thread as a crash would: nothing is flushed, nobody is told. For tests of faults. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * The flags that say how packages are found; the thread needs no other. The program's own may not suit a thread
 * (`--input-type`), or are refused when they are handed on (`--expose-gc`).
 */
function conditionFlags(execArgv: readonly string[]): string[] {
  const isName = (flag: string | undefined): boolean => flag === '--conditions' || flag === '-C';
  return execArgv.filter((flag, at) => isName(flag) || isName(execArgv[at - 1]) || flag.startsWith('--conditions='));
}
