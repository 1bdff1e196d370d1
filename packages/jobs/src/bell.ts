/**
 * Tells one waiter that something may have changed. Rings that nobody waited for are remembered as one.
 */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring = (): void => {
    this.#hasRung = true;
    this.#wake?.();
  };

  /** Resolves when the bell has rung since the last wait; rejects with the signal's reason when that aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (!this.#hasRung) await this.#sleep(signal);
    signal?.throwIfAborted();
    this.#hasRung = false;
  }

  #sleep(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        signal?.removeEventListener('abort', this.ring);
        resolve();
      };
      signal?.addEventListener('abort', this.ring, { once: true });
    });
  }
}
