import type { Clock, Timer, TimerOptions } from './clock.ts';

/** The longest delay that a platform timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

class PlatformTimer implements Timer {
  readonly #clear: () => void;

  constructor(clear: () => void) {
    this.#clear = clear;
  }

  cancel(): void {
    this.#clear();
  }

  [Symbol.dispose](): void {
    this.#clear();
  }
}

/** Of the machine, and so the same in all threads. `performance` is as fast, but a thread's own, and takes a millisecond to load. */
const hrtime = (globalThis as { process?: { hrtime?: () => [number, number] } }).process?.hrtime;

/** The machine's own time. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    if (hrtime === undefined) return performance.now(); // No Node, no threads of ours.
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  }

  after(delayMs: number, action: () => void, options: TimerOptions = {}): Timer {
    const timeout = setTimeout(action, Math.min(delayMs, LONGEST_DELAY_MS));
    if (options.background) timeout.unref();
    return new PlatformTimer(() => clearTimeout(timeout));
  }

  every(periodMs: number, action: () => void, options: TimerOptions = {}): Timer {
    const interval = setInterval(action, Math.min(periodMs, LONGEST_DELAY_MS));
    if (options.background) interval.unref();
    return new PlatformTimer(() => clearInterval(interval));
  }
}

export const realClock: Clock = new RealClock();
