/**
 * Why this thread must not end yet: something pends here that the program waits for, or others need what the thread
 * has. Whoever has such a reason says when it begins and when it is over; only the counts are kept.
 */
export class Needs {
  readonly #onPending: ((isAny: boolean) => void) | undefined;
  readonly #onNeeded: ((isNeeded: boolean) => void) | undefined;
  #pendingKinds = 0;
  #needs = 0;

  constructor(onPending: ((isAny: boolean) => void) | undefined, onNeeded: ((isNeeded: boolean) => void) | undefined) {
    this.#onPending = onPending;
    this.#onNeeded = onNeeded;
  }

  /** Told of what pends, kind by kind: whether calls are pending, and whether values are on their way. */
  readonly pends = (isAny: boolean): void => {
    this.#pendingKinds += isAny ? 1 : -1;
    this.#onPending?.(this.#pendingKinds > 0);
    this.needed(isAny);
  };

  /** Told of what would be lost with this thread, piece by piece. */
  readonly needed = (isNeeded: boolean): void => {
    this.#needs += isNeeded ? 1 : -1;
    this.#onNeeded?.(this.#needs > 0);
  };

  /** Keeps the program going until `promise` has settled. */
  async keepAliveFor<T>(promise: Promise<T>): Promise<T> {
    this.pends(true);
    try {
      return await promise;
    } finally {
      this.pends(false);
    }
  }
}
