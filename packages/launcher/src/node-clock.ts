/**
 * The machine's time for the launcher's process, which loads `node:` modules only and so cannot use base's
 * `RealClock`. The one file of this package that reads the time or sets a timer.
 */
import type { Clock, Timer } from '@heddle/base';

/** The longest delay that a platform timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const timer = (cancel: () => void): Timer => ({ cancel, [Symbol.dispose]: cancel });

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action, options = {}) {
    const timeout = setTimeout(action, Math.min(delayMs, LONGEST_DELAY_MS));
    if (options.background) timeout.unref();
    return timer(() => clearTimeout(timeout));
  },
  every(periodMs, action, options = {}) {
    const interval = setInterval(action, Math.min(periodMs, LONGEST_DELAY_MS));
    if (options.background) interval.unref();
    return timer(() => clearInterval(interval));
  },
};

/** Resolves after `delayMs`. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
