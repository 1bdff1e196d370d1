/** Longer than any program waits in one turn; the timer is there only to be counted by the loop. */
const A_LONG_TIME_MS = 2 ** 30;

/**
 * Keeps the program from ending while a call is pending: ports and threads of a runtime do not, so that a
 * finished program ends although its runtime is open.
 */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout;
  #always: boolean;

  constructor(always: boolean) {
    this.#always = always;
    this.#timer = setInterval(() => {}, A_LONG_TIME_MS);
    if (!always) this.#timer.unref();
  }

  hold(isHeld: boolean): void {
    if (this.#always) return;
    if (isHeld) this.#timer.ref();
    else this.#timer.unref();
  }

  /** Until `end`: while a runtime closes, what it waits for keeps the program alive no longer. */
  holdToEnd(): void {
    this.#always = true;
    this.#timer.ref();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
