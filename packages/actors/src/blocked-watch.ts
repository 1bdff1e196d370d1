/**
 * Ends threads that no longer turn, where somebody has said how long a turn may take: the system thread, and
 * threads that host an actor with `maxBlockedMs`.
 *
 * A thread that is blocked cannot tell, so this one thing is looked at from outside, through its heartbeat word.
 */
import type { Clock, Timer } from '@heddle/base';

export interface Watched {
  /** For how long its present turn has run; 0: asleep. */
  readonly busyMs: number;
  /** How long a turn of it may take; undefined: any time. */
  readonly maxBlockedMs: number | undefined;
  blocked(busyMs: number): void;
}

/** A turn is found too long at most a fifth of its limit too late. */
const lookEveryMs = (limitMs: number): number => Math.min(1_000, Math.max(10, limitMs / 5));

export class BlockedWatch implements Disposable {
  readonly #clock: Clock;
  readonly #watched: () => Iterable<Watched>;
  #timer: Timer | undefined;
  #periodMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, watched: () => Iterable<Watched>) {
    this.#clock = clock;
    this.#watched = watched;
  }

  /** Some thread has a limit of `limitMs` now: look often enough from here on. */
  start(limitMs: number): void {
    const periodMs = lookEveryMs(limitMs);
    if (periodMs >= this.#periodMs) return;
    this.#periodMs = periodMs;
    this.#timer?.cancel();
    this.#timer = this.#clock.every(periodMs, () => this.#look(), { background: true });
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    for (const thread of this.#watched()) {
      const { busyMs, maxBlockedMs } = thread;
      if (maxBlockedMs !== undefined && busyMs > maxBlockedMs) thread.blocked(busyMs);
    }
  }
}
