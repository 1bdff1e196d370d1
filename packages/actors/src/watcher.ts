/**
 * Takes what comes to a thread that has just worked, and watches for more, so that it need not be woken for it.
 *
 * It looks when all that the turn has begun is done, microtasks included: takes one batch, sends what came of
 * it, and looks again after the microtasks of that. So awaits inside methods go on between two batches. After
 * `TURN_MS` without the event loop it goes through it once: every other port and timer of the thread has its turn,
 * however many batches come. When nothing is there it watches for a while, if that pays, before it lets the thread sleep.
 *
 * It runs outside any asynchronous context: the calls that it brings belong to nobody who waits here.
 */
import type { Clock } from '@heddle/base';
import type { Doorbell } from './doorbells.ts';
import { outsideContext } from './outside-context.ts';
import type { Latency, WatchWindow } from './watch-window.ts';

const SETTLED = Promise.resolve();

const TURN_MS = 1;
/** How often the word is read between two looks at the clock. */
const READS = 24;

/** How the threads of a runtime watch for messages: the same in all. */
export interface Watching {
  readonly latency: Latency;
  readonly processors: number;
  /** The memory of their `Doorbells`. */
  readonly bells: SharedArrayBuffer;
}

export interface WatcherParts {
  readonly clock: Clock;
  readonly window: WatchWindow;
  /** This thread's. */
  readonly bell: Doorbell;
  /** Whether anything may come that somebody waits for: only then does it watch. */
  readonly isExpecting: () => boolean;
  /** Says to all that this thread sleeps from now on and must be woken. False: something has come meanwhile. */
  readonly sleep: () => boolean;
  /** Says to all that it is up. */
  readonly rise: () => void;
  /** Takes one batch that has come. False: there is none. */
  readonly takeOne: () => boolean;
  /** Sends what was written. False: nothing was. */
  readonly flush: () => boolean;
  /** Told when the thread begins to act on what has come: at least once in each turn of the loop in which it does. */
  readonly turnBegins: () => void;
}

export class Watcher {
  readonly #parts: WatcherParts;
  readonly #canWatch: boolean;
  /** It will look. */
  #isArmed = false;
  #isReceiving = false;
  /** It has said that it sleeps. */
  #isAsleep = true;
  /** Since when the thread has worked without going through the loop. */
  #turnBeganAtMs = 0;
  /** When it began to watch or to sleep, once it has nothing to do; 0: it works. */
  #restedAtMs = 0;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#canWatch = parts.window.canOpen;
  }

  /** The loop brings word that something has come: call `worked` when it was taken. */
  woken(): void {
    this.#rise();
    if (this.#restedAtMs === 0) return;
    this.#parts.window.came(this.#parts.clock.monotonicMs() - this.#restedAtMs);
    this.#restedAtMs = 0;
  }

  /** Something has come and is acted on now: call `worked` afterwards. */
  receives(): void {
    this.#rise();
    this.#isReceiving = true;
  }

  /** What came was taken: what came of it is sent, and more may have come, or will. Call outside any asynchronous context. */
  worked(): void {
    this.#isReceiving = false;
    const hasSent = this.#parts.flush();
    if (this.#isArmed) return;
    if (this.#watches || !(this.#isAsleep || this.#falls())) this.#arm();
    else if (hasSent && this.#canWatch) this.#restedAtMs = this.#parts.clock.monotonicMs();
  }

  /** Whether it will look, and so send what is written now. */
  get willLook(): boolean {
    return this.#isArmed || this.#isReceiving;
  }

  /** What the turn has written was sent: an answer may come. */
  sent(): void {
    if (this.#isArmed || !this.#canWatch) return;
    if (this.#watches) outsideContext(this.#arm);
    else this.#restedAtMs = this.#parts.clock.monotonicMs();
  }

  readonly #arm = (): void => {
    this.#rise();
    this.#isArmed = true;
    SETTLED.then(this.#afterMicrotasks); // `queueMicrotask` costs several times as much.
  };

  #rise(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#parts.turnBegins();
    this.#parts.rise();
  }

  #falls(): boolean {
    this.#isAsleep = this.#parts.sleep();
    return this.#isAsleep;
  }

  get #watches(): boolean {
    return this.#canWatch && this.#parts.window.next() > 0;
  }

  /** A tick that a microtask asks for comes when no microtask is left. */
  readonly #afterMicrotasks = (): void => {
    process.nextTick(this.#look);
  };

  readonly #afterTurn = (): void => {
    this.#turnBeganAtMs = 0;
    this.#parts.turnBegins();
    this.#look();
  };

  readonly #look = (): void => {
    const { clock, flush } = this.#parts;
    this.#isArmed = false;
    flush();
    const nowMs = clock.monotonicMs();
    if (this.#turnBeganAtMs === 0) this.#turnBeganAtMs = nowMs;
    else if (nowMs - this.#turnBeganAtMs > TURN_MS) {
      this.#isArmed = true;
      setImmediate(this.#afterTurn);
      return;
    }
    const watches = this.#canWatch && this.#parts.isExpecting();
    if (this.#takesOne(watches, nowMs)) {
      this.worked();
    } else if (this.#falls()) {
      this.#turnBeganAtMs = 0;
      this.#restedAtMs = watches ? nowMs : 0;
    } else {
      this.#arm();
    }
  };

  #takesOne(watches: boolean, nowMs: number): boolean {
    const windowMs = watches ? this.#parts.window.next() : 0;
    return windowMs > 0 ? this.#isRung(nowMs, windowMs) : this.#parts.takeOne();
  }

  #isRung(beganAtMs: number, windowMs: number): boolean {
    const { bell, clock, window, takeOne } = this.#parts;
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
