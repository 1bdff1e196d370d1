/**
 * The launcher as the manager keeps it: there always is one. One that is lost is told of, counted, and followed by
 * another at once; what its loss means for the jobs under it is their supervisors' to find out.
 */
import type { LauncherClient } from '@heddle/launcher';
import { ContainmentUnavailableError } from './errors.ts';
import { LauncherConnection, type LauncherConnectionOptions } from './launcher-connection.ts';

export class KeptLauncher implements AsyncDisposable {
  readonly #options: LauncherConnectionOptions;
  readonly #connection: LauncherConnection;
  #lostCount = 0;

  constructor(options: Omit<LauncherConnectionOptions, 'onLost'>) {
    this.#options = options;
    this.#connection = new LauncherConnection({ ...options, onLost: (pid) => this.#lost(pid) });
  }

  /** How many have died since this was made. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** The launcher as last seen alive, if any. */
  get present(): LauncherClient | undefined {
    return this.#connection.present;
  }

  /** A living launcher. Rejects with the launcher's named error when there can be none now. */
  get(): Promise<LauncherClient> {
    return this.#connection.get();
  }

  /** For jobs that nothing but a control group is to hold. @throws ContainmentUnavailableError when there are none. */
  async requireControlGroups(directory: string): Promise<void> {
    const launcher = await this.get();
    if (launcher.containment === 'cgroup') return;
    const { containmentReason = 'the launcher that lives here is of a version without them' } = await launcher.status();
    throw new ContainmentUnavailableError(directory, containmentReason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #lost(pid: number): void {
    const { logger } = this.#options;
    this.#lostCount += 1;
    logger.error({ launcherPid: pid }, 'launcher is gone, starting another');
    this.get().catch((error) => logger.error({ err: error }, 'cannot start a launcher'));
  }
}
