import type { Clock, Timer } from './clock.ts';

interface Pending {
  dueMs: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly action: () => void;
}

/**
 * Time that moves only when told to. For tests and simulations.
 *
 * `advance` runs what falls due in the order of its due time, first made first run at equal times, and
 * each action sees the very time it was due at.
 */
export class ManualClock implements Clock {
  readonly #wallStartMs: number;
  #elapsedMs = 0;
  #made = 0;
  readonly #pending = new Set<Pending>();

  constructor(wallStartMs = 1_700_000_000_000) {
    this.#wallStartMs = wallStartMs;
  }

  now(): number {
    return this.#wallStartMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, action: () => void): Timer {
    return this.#add(delayMs, undefined, action);
  }

  every(periodMs: number, action: () => void): Timer {
    return this.#add(periodMs, periodMs, action);
  }

  /** How many timers wait. A harness asserts that none is left. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves time on by `durationMs`, running what falls due on the way. */
  advance(durationMs: number): void {
    const untilMs = this.#elapsedMs + durationMs;
    for (;;) {
      const next = this.#firstDue(untilMs);
      if (next === undefined) break;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      if (next.periodMs === undefined) this.#pending.delete(next);
      else next.dueMs += next.periodMs;
      next.action();
    }
    this.#elapsedMs = untilMs;
  }

  #add(delayMs: number, periodMs: number | undefined, action: () => void): Timer {
    const pending: Pending = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#made++, periodMs, action };
    this.#pending.add(pending);
    const cancel = () => {
      this.#pending.delete(pending);
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  #firstDue(untilMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > untilMs) continue;
      if (
        first === undefined ||
        pending.dueMs < first.dueMs ||
        (pending.dueMs === first.dueMs && pending.order < first.order)
      )
        first = pending;
    }
    return first;
  }
}
