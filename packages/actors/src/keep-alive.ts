import type { Clock, Timer } from '@heddle/base';

/** Longer than any program waits in one turn; the timer is there only to be counted by the loop. */
const A_LONG_TIME_MS = 2 ** 30;

/** How often it is looked whether the program goes on for this runtime alone, and nothing of it moves. */
const LOOK_MS = 60_000;

/** What of the process is open beside the runtime. */
export interface Surroundings {
  /** What keeps the program going, by kind; the timer of this runtime is one of them. */
  readonly active: () => readonly string[];
  readonly warn: (message: string) => void;
}

const REAL: Surroundings = {
  active: () => process.getActiveResourcesInfo(),
  warn: (message) => process.emitWarning(message, { type: 'HeddleWarning', code: 'HEDDLE_STILL_WAITING' }),
};

/** Kinds that are open in any program with its output in a pipe or a terminal. */
const OUTPUT = new Set(['PipeWrap', 'TTYWrap']);

/**
 * Keeps the program from ending while a call is pending: ports and threads of a runtime do not, so that a
 * finished program ends although its runtime is open. A program that goes on for nothing but that, while nothing
 * moves, is told once why.
 */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout;
  readonly #look: Timer;
  #always: boolean;
  readonly #surroundings: Surroundings;
  #isHeld = false;
  /** How often something began to be pending. */
  #holds = 0;
  #holdsSeen = 0;

  /** `whyHeld`: what is pending, unless some thread is at work on it. */
  constructor(always: boolean, clock: Clock, whyHeld: () => string | undefined, surroundings: Surroundings = REAL) {
    this.#always = always;
    this.#surroundings = surroundings;
    this.#timer = setInterval(() => {}, A_LONG_TIME_MS);
    if (!always) this.#timer.unref();
    this.#look = clock.every(LOOK_MS, () => this.#tellIfStuck(whyHeld), { background: true });
  }

  hold(isHeld: boolean): void {
    if (this.#always) return;
    this.#isHeld = isHeld;
    if (isHeld) {
      this.#holds++;
      this.#timer.ref();
    } else this.#timer.unref();
  }

  /** Until `end`: while a runtime closes, what it waits for keeps the program alive no longer. */
  holdToEnd(): void {
    this.#always = true;
    this.#timer.ref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#look.cancel();
  }

  #tellIfStuck(whyHeld: () => string | undefined): void {
    const isSameHold = this.#isHeld && this.#holds === this.#holdsSeen;
    this.#holdsSeen = this.#holds;
    if (!isSameHold || this.#surroundings.active().filter((kind) => !OUTPUT.has(kind)).length > 1) return;
    const why = whyHeld();
    if (why === undefined) return;
    this.#surroundings.warn(`The program goes on for this alone, and no thread is at work: ${why}`);
    this.#look.cancel();
  }
}
