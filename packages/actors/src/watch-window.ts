/**
 * Whether, and for how long, a thread that has just worked watches for more before it goes to sleep. Pure: it is
 * told how long each message took to come.
 *
 * Waking a sleeping thread costs 20 to 45 µs, and watching costs a processor: it pays when both sides of a
 * conversation watch, and on a busy machine it only takes the processor from the thread that is waited for. So the
 * thread keeps to what brings the next message sooner, by the messages of late, and now and then tries the other for
 * some of them. Both sides of a conversation count its messages alike, from its beginning after a silence, so that
 * they try at the same time; that is what finds the way from both asleep to both awake. On one processor nobody
 * watches.
 */

/** How a runtime trades processor time for quick answers: see the option `latency` of `init`. */
export type Latency = 'low' | 'balanced' | 'idle';

export const LATENCIES: readonly Latency[] = ['low', 'balanced', 'idle'];

const WINDOW_MS: Readonly<Record<Latency, number>> = { low: 0.5, balanced: 0.05, idle: 0 };

/** How much the latest message counts against those before it. */
const WEIGHT = 1 / 8;
/** Watching must be so much better than sleeping. */
const MARGIN = 0.9;
/** Watching that brings messages as soon as this is better than any sleep. */
const SOON_MS = 0.01;
/** Of so many messages that came soon, the first few are waited for the other way. */
const TRY_EVERY = 1_024;
const TRY_FOR = 8;
/** After a silence so long a new conversation begins: the first try comes soon. */
const SILENCE_MS = 10;
const FIRST_TRY_AFTER = 8;
/** What waking two threads in turn costs, as a rule: what took longer than that and the window will not be caught by watching. */
const WAKE_MS = 0.06;

export class WatchWindow {
  readonly #windowMs: number;
  /** How long messages take when this thread watches, and when it sleeps. */
  #watchedMs = 0;
  #sleptMs: number;
  #isWatched = false;
  #messages = TRY_FOR;

  constructor(latency: Latency, processors: number) {
    this.#windowMs = processors > 1 ? WINDOW_MS[latency] : 0;
    this.#sleptMs = this.#windowMs;
  }

  /** False: it never opens. */
  get canOpen(): boolean {
    return this.#windowMs > 0;
  }

  /** For how long to watch before the next message; 0: not at all. */
  next(): number {
    const pays = this.#watchedMs < MARGIN * this.#sleptMs;
    const tries = this.#messages % TRY_EVERY < TRY_FOR && this.#watchedMs > SOON_MS;
    this.#isWatched = pays !== tries;
    return this.#isWatched ? this.#windowMs : 0;
  }

  /** A message came `gapMs` after the thread's last work, while it watched or after it fell asleep. */
  came(gapMs: number): void {
    const countedMs = Math.min(gapMs, 2 * this.#windowMs);
    if (this.#isWatched) this.#watchedMs += (countedMs - this.#watchedMs) * WEIGHT;
    else this.#sleptMs += (countedMs - this.#sleptMs) * WEIGHT;
    if (gapMs < this.#windowMs + WAKE_MS) this.#messages++;
    else if (gapMs > SILENCE_MS) this.#messages = TRY_EVERY - FIRST_TRY_AFTER;
  }
}
