/** Copies of the tables, taken while jobs go on: into a file, or in pieces to a reader elsewhere. */
import { resolve } from 'node:path';
import type { Gcs } from '@heddle/gcs';
import { PassingFile } from './passing-file.ts';
import type { StateDirectory } from './state-directory.ts';

export class Backups {
  readonly #gcs: Pick<Gcs, 'backup'>;
  readonly #state: Pick<StateDirectory, 'passingFile'>;
  #streamed = 0;

  constructor(gcs: Pick<Gcs, 'backup'>, state: Pick<StateDirectory, 'passingFile'>) {
    this.#gcs = gcs;
    this.#state = state;
  }

  /** @throws StorageError if there is such a file, or it cannot be written. */
  async write(file: string): Promise<void> {
    await this.#gcs.backup(resolve(file));
  }

  /** Nothing of it stays on the disk. */
  async stream(): Promise<AsyncIterableIterator<Uint8Array>> {
    const file = this.#state.passingFile(`backup-${++this.#streamed}`);
    await this.#gcs.backup(file);
    return new PassingFile(file);
  }
}
