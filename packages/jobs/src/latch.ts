/**
 * Something that happens once, or never. Thousands of these nobody waits for: what waiting takes is made by who waits.
 */
export class Latch {
  #isOpen = false;
  /** Of several, one that calls all. */
  #listener: (() => void) | undefined;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** It has happened. A repetition changes nothing. */
  open(): void {
    this.#isOpen = true;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  /** Calls `listener` when it happens; at once if it has. */
  whenOpen(listener: () => void): void {
    const before = this.#listener;
    if (this.#isOpen) listener();
    else if (before === undefined) this.#listener = listener;
    else
      this.#listener = () => {
        before();
        listener();
      };
  }

  /** Resolves when it has happened. */
  get opened(): Promise<void> {
    return new Promise((resolve) => this.whenOpen(resolve));
  }
}
