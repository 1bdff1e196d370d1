/**
 * Time, handed in. Nothing in Heddle reads the time or sets a timer except through a `Clock`, so that a
 * test may own time.
 */
export interface Clock {
  /** Wall-clock milliseconds since the epoch: for records that people read. It may jump. */
  now(): number;
  /** Milliseconds that never go back, the same in all threads of a process: for durations and deadlines. */
  monotonicMs(): number;
  /**
   * Runs `action` once after `delayMs`. Disposing the timer cancels it. The timer belongs to the caller.
   * It keeps the program alive unless `background` is true.
   */
  after(delayMs: number, action: () => void, options?: TimerOptions): Timer;
  /** Runs `action` every `periodMs` until the timer is disposed. */
  every(periodMs: number, action: () => void, options?: TimerOptions): Timer;
}

export interface TimerOptions {
  /** A background timer does not keep an otherwise finished program alive. */
  readonly background?: boolean;
}

export interface Timer extends Disposable {
  /** Cancels the timer. Cancelling twice is fine. */
  cancel(): void;
}

/** Resolves after `delayMs`, or rejects with the signal's reason when `signal` aborts first. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
