/**
 * The processes that carry marks of this directory, in their environments or by their control groups, for all
 * supervisors of a thread at once.
 *
 * A look at every process of the machine costs about 10 ms, so those who ask while one is under way share
 * the next: what anybody is told was looked up after they asked.
 */
import type { Clock } from '@heddle/base';
import { findMarked, type KillReport, killMarked, type MarkedProcess } from '@heddle/launcher';

export class MarkedProcessScan {
  readonly #markPrefix: string;
  readonly #launcherDirectory: string;
  readonly #clock: Clock;
  #running: Promise<unknown> | undefined;
  #next: Promise<MarkedProcess[]> | undefined;

  constructor(markPrefix: string, launcherDirectory: string, clock: Clock) {
    this.#markPrefix = markPrefix;
    this.#launcherDirectory = launcherDirectory;
    this.#clock = clock;
  }

  /** All of this directory's. */
  find(): Promise<MarkedProcess[]> {
    this.#next ??= this.#look();
    return this.#next;
  }

  async count(mark: string): Promise<number> {
    return (await this.find()).filter((process) => process.mark === mark).length;
  }

  /** SIGKILL until two looks find none of this mark. */
  async kill(mark: string): Promise<KillReport> {
    return killMarked(mark, this.#clock, this.#launcherDirectory);
  }

  /** The same, of all marks that these carry. */
  async killFound(processes: readonly MarkedProcess[]): Promise<KillReport> {
    return killMarked(processes, this.#clock, this.#launcherDirectory);
  }

  async #look(): Promise<MarkedProcess[]> {
    await this.#running?.catch(() => {});
    this.#next = undefined; // From here on, who asks has come too late for this look.
    const looking = findMarked(this.#markPrefix, this.#launcherDirectory);
    this.#running = looking;
    return looking;
  }
}
