/** A time limit to race against. Whoever starts it disposes it. */
import type { Clock } from '@heddle/base';

export class Limit implements Disposable {
  /** Resolves when the limit is reached; never after `dispose`. */
  readonly reached: Promise<'limit'>;
  readonly #dispose: () => void;

  /** `durationMs` undefined: there is none. */
  constructor(clock: Clock, durationMs: number | undefined) {
    const { promise, resolve } = Promise.withResolvers<'limit'>();
    const timer = durationMs === undefined ? undefined : clock.after(durationMs, () => resolve('limit'));
    this.reached = promise;
    this.#dispose = () => timer?.cancel();
  }

  [Symbol.dispose](): void {
    this.#dispose();
  }
}
