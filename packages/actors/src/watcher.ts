/**
 * Watches for messages in a thread that has just worked, so that it need not be woken for the next one.
 *
 * It looks when all that the turn has begun is done, microtasks included: takes one message, sends what came of
 * it, and looks again after the microtasks of that. So awaits inside methods go on between two messages. After
 * `TURN_MS` without the event loop it goes through it once: every other port and timer of the thread has its turn,
 * however many messages come.
 *
 * It runs outside any asynchronous context: the calls that it brings belong to nobody who waits here.
 */
import type { Clock } from '@heddle/base';
import type { Doorbell } from './doorbells.ts';
import { outsideContext } from './outside-context.ts';
import type { WatchWindow } from './watch-window.ts';

const SETTLED = Promise.resolve();

const TURN_MS = 1;
/** How often the word is read between two looks at the clock. */
const READS = 24;

export interface WatcherParts {
  readonly clock: Clock;
  readonly window: WatchWindow;
  /** This thread's. */
  readonly bell: Doorbell;
  /** Whether anything may come that somebody waits for. */
  readonly isExpecting: () => boolean;
  /** Takes one message that was posted and has not come through the loop. False: there is none. */
  readonly takeOne: () => boolean;
  /** Sends what was written. */
  readonly flush: () => void;
}

export class Watcher {
  readonly #parts: WatcherParts;
  readonly #canWatch: boolean;
  #isArmed = false;
  /** Since when the thread has worked without going through the loop. */
  #turnBeganAtMs = 0;
  /** When it began to watch or to sleep, once it has nothing to do; 0: it works. */
  #restedAtMs = 0;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#canWatch = parts.window.canOpen;
  }

  /** A message has come through the loop. */
  woken(): void {
    if (this.#restedAtMs === 0) return;
    this.#parts.window.came(this.#parts.clock.monotonicMs() - this.#restedAtMs);
    this.#restedAtMs = 0;
  }

  /** Something was received: more may come. Call outside any asynchronous context. */
  worked(): void {
    if (this.#isArmed || !this.#canWatch || this.#parts.window.next() === 0) return;
    this.#isArmed = true;
    SETTLED.then(this.#afterMicrotasks); // `queueMicrotask` costs several times as much.
  }

  /** What the turn has written was sent: an answer may come. */
  sent(): void {
    if (this.#isArmed || !this.#canWatch) return;
    if (this.#parts.window.next() === 0) this.#restedAtMs = this.#parts.clock.monotonicMs();
    else outsideContext(this.#work);
  }

  readonly #work = (): void => this.worked();

  /** A tick that a microtask asks for comes when no microtask is left. */
  readonly #afterMicrotasks = (): void => {
    process.nextTick(this.#look);
  };

  readonly #afterTurn = (): void => {
    this.#turnBeganAtMs = 0;
    this.#look();
  };

  readonly #look = (): void => {
    const { clock, window, isExpecting, takeOne, flush } = this.#parts;
    this.#isArmed = false;
    flush();
    if (!isExpecting()) {
      this.#turnBeganAtMs = 0;
      return;
    }
    const nowMs = clock.monotonicMs();
    if (this.#turnBeganAtMs === 0) this.#turnBeganAtMs = nowMs;
    else if (nowMs - this.#turnBeganAtMs > TURN_MS) {
      this.#isArmed = true;
      setImmediate(this.#afterTurn);
      return;
    }
    const windowMs = window.next();
    if (windowMs > 0 && this.#isRung(nowMs, windowMs, takeOne)) {
      flush();
      this.worked();
      return;
    }
    this.#turnBeganAtMs = 0;
    this.#restedAtMs = nowMs;
  };

  #isRung(beganAtMs: number, windowMs: number, takeOne: () => boolean): boolean {
    const { bell, clock, window } = this.#parts;
    for (let nowMs = beganAtMs; nowMs - beganAtMs <= windowMs; nowMs = clock.monotonicMs()) {
      const { rings } = bell;
      if (takeOne()) {
        window.came(nowMs - beganAtMs);
        return true;
      }
      for (let read = 0; read < READS && bell.rings === rings; read++) Atomics.pause();
    }
    return false;
  }
}
