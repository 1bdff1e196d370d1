import { type Clock, realClock, type Timer, type TimerOptions } from '@heddle/base';

/** When a process's monotonic time began, by the wall clock. */
export const monotonicOrigin = (clock: Clock): number => clock.now() - clock.monotonicMs();

/**
 * The machine's time as the driver's process counts it: monotonic time begins with each process, and traces of
 * several are drawn on one line. Right to the millisecond.
 */
export class DriverTime implements Clock {
  readonly #aheadMs: number;

  constructor(driverOriginMs: number) {
    this.#aheadMs = monotonicOrigin(realClock) - driverOriginMs;
  }

  now(): number {
    return realClock.now();
  }

  monotonicMs(): number {
    return realClock.monotonicMs() + this.#aheadMs;
  }

  after(delayMs: number, action: () => void, options?: TimerOptions): Timer {
    return realClock.after(delayMs, action, options);
  }

  every(periodMs: number, action: () => void, options?: TimerOptions): Timer {
    return realClock.every(periodMs, action, options);
  }
}
