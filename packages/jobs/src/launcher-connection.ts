/**
 * One thread's connection to the directory's launcher: opened when first needed, opened again after a loss.
 *
 * Whoever asks gets the launcher that lives now; whoever was waiting on one that died learns it by its own
 * call's failure.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Logger } from '@heddle/base';
import { LauncherClient } from '@heddle/launcher';
import { JobManagerClosedError, StateDirectoryError } from './errors.ts';
import { NOT_IN_PLACE } from './state-directory.ts';

export interface LauncherConnectionOptions {
  readonly directory: string;
  /** How long a launcher that has to be started outlives its last job and its last daemon. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a launcher is lost, unless by `dispose`. */
  readonly onLost?: (pid: number) => void;
}

export class LauncherConnection implements AsyncDisposable {
  readonly #options: LauncherConnectionOptions;
  #client: Promise<LauncherClient> | undefined;
  #present: LauncherClient | undefined;
  #isDisposed = false;

  constructor(options: LauncherConnectionOptions) {
    this.#options = options;
  }

  /** The launcher as last seen alive, if any. */
  get present(): LauncherClient | undefined {
    return this.#present;
  }

  /** A living launcher. Rejects with the launcher's named error when there can be none now. */
  get(): Promise<LauncherClient> {
    if (this.#isDisposed) return Promise.reject(new JobManagerClosedError('reach the launcher'));
    this.#client ??= this.#open();
    return this.#client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<LauncherClient> {
    try {
      const { directory, idleMs, clock, logger } = this.#options;
      // A launcher makes its folder: not in a state directory that somebody has removed.
      if (!existsSync(dirname(directory))) throw new StateDirectoryError(dirname(directory), NOT_IN_PLACE);
      const client = await LauncherClient.open({ directory, idleMs, clock, logger });
      this.#present = client;
      void client.closed.then(() => this.#lost(client));
      return client;
    } catch (error) {
      this.#client = undefined; // The next one who asks tries again.
      throw error;
    }
  }

  #lost(client: LauncherClient): void {
    if (this.#present === client) this.#present = undefined;
    this.#client = undefined;
    if (!this.#isDisposed) this.#options.onLost?.(client.pid);
  }
}
