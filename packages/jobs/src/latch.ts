/**
 * Something that happens once, or never. Thousands of these nobody waits for: what waiting takes is made by who waits.
 */
export class Latch {
  #isOpen = false;
  #listeners: (() => void)[] | undefined;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** It has happened. A repetition changes nothing. */
  open(): void {
    this.#isOpen = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }

  /** Calls `listener` when it happens; at once if it has. */
  whenOpen(listener: () => void): void {
    if (this.#isOpen) listener();
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** Resolves when it has happened. */
  get opened(): Promise<void> {
    return new Promise((resolve) => this.whenOpen(resolve));
  }
}
