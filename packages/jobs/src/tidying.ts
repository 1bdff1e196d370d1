/**
 * Removes what nobody needs any more, once a period: orphans, old jobs, packages. What fails is told, and tried again
 * the next time; it keeps nothing else from being tidied.
 */
import type { Clock, Logger, Timer } from '@heddle/base';
import type { JobBoard } from './job-board.ts';
import type { OrphanSweep } from './orphan-sweep.ts';
import type { PackageStore } from './package-store.ts';
import type { Retention } from './retention.ts';

export interface TidyingParts {
  readonly sweep: Pick<OrphanSweep, 'run'>;
  readonly retention: Pick<Retention, 'run' | 'isDue'>;
  readonly packages: Pick<PackageStore, 'tidy'>;
  readonly board: Pick<JobBoard, 'openJobs'>;
  readonly retainedPackageMs: number;
  readonly periodMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the manager is disposed. */
  readonly closing: AbortSignal;
}

export class Tidying implements Disposable {
  readonly #parts: TidyingParts;
  #rounds: Timer | undefined;
  #isUnderWay = false;

  constructor(parts: TidyingParts) {
    this.#parts = parts;
  }

  /** From now on it comes round by itself. */
  begin(): void {
    const { clock, periodMs } = this.#parts;
    this.#rounds = clock.every(periodMs, () => void this.#round(), { background: true });
  }

  /** A job has ended: old ones go out of turn where too many have gathered. */
  jobEnded(): void {
    if (this.#parts.retention.isDue) void this.#forgetOldJobs();
  }

  [Symbol.dispose](): void {
    this.#rounds?.cancel();
  }

  /** A round that takes longer than the period is not overtaken. */
  async #round(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    await this.#attempt('cannot sweep orphans', () => this.#parts.sweep.run());
    await this.#forgetOldJobs();
    await this.#attempt('cannot tidy packages', () => this.#tidyPackages());
    this.#isUnderWay = false;
  }

  #forgetOldJobs(): Promise<void> {
    return this.#attempt('cannot forget old jobs', () => this.#parts.retention.run());
  }

  async #tidyPackages(): Promise<void> {
    const { board, packages, retainedPackageMs } = this.#parts;
    const names = Array.from(board.openJobs, (job) => job.packageName).filter((name) => name !== undefined);
    await packages.tidy(new Set(names), retainedPackageMs);
  }

  async #attempt(complaint: string, work: () => Promise<void>): Promise<void> {
    const { closing, logger } = this.#parts;
    if (closing.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!closing.aborted) logger.error({ err: error }, complaint);
    }
  }
}
