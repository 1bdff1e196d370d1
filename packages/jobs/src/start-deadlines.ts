/**
 * By when each PENDING job must have started.
 *
 * Counted from its submission, as its record has it: so a new daemon goes on counting. A job that does not say how
 * long it may wait waits for its turn as long as that takes; only one that asks for more than the daemon has fails
 * by itself.
 */
import type { Clock, Timer } from '@heddle/base';
import type { JobEntry } from './job-records.ts';

export class StartDeadlines implements Disposable {
  readonly #timers = new Map<string, Timer>();
  readonly #clock: Clock;
  readonly #onDue: (submissionId: string) => void;

  constructor(clock: Clock, onDue: (submissionId: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** `timeoutMs` undefined: it has none. */
  set({ value: { submissionId, submittedAtMs } }: JobEntry, timeoutMs: number | undefined): void {
    this.clear(submissionId);
    if (timeoutMs === undefined) return;
    const leftMs = Math.max(0, submittedAtMs + timeoutMs - this.#clock.now());
    const timer = this.#clock.after(leftMs, () => this.#onDue(submissionId), { background: true });
    this.#timers.set(submissionId, timer);
  }

  /** It has started, or is over. */
  clear(submissionId: string): void {
    this.#timers.get(submissionId)?.cancel();
    this.#timers.delete(submissionId);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
