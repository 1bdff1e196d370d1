/**
 * Time that passes only from one event to the next, and the lives in which events happen.
 *
 * Whatever happens in a process or thread belongs to its `Life`. When a life ends, what was still to happen in it
 * never does, promises included: that is how a SIGKILL looks from the inside. While it is frozen (SIGSTOP) its events
 * wait, in their order.
 *
 * The code under test is asynchronous, so after each event its promises are given time to run. They wait for nothing
 * but this timeline, so the same events in the same order give the same run.
 */
import type { Clock, Timer } from '@heddle/base';

/** Steps of promises after one event; what takes more goes on after the next, in the same order every time. */
const STEPS = 24;

export class Life {
  readonly name: string;
  readonly #parent: Life | undefined;
  #isOver = false;
  #frozenUntilMs = 0;

  constructor(name: string, parent?: Life) {
    this.name = name;
    this.#parent = parent;
  }

  get isOver(): boolean {
    return this.#isOver || (this.#parent?.isOver ?? false);
  }

  get frozenUntilMs(): number {
    return Math.max(this.#frozenUntilMs, this.#parent?.frozenUntilMs ?? 0);
  }

  end(): void {
    this.#isOver = true;
  }

  freeze(untilMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, untilMs);
  }
}

interface Event {
  readonly dueMs: number;
  /** When it would have happened, had its life not been frozen. */
  readonly meantMs: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly action: () => void;
}

const isBefore = (one: Event, other: Event): boolean =>
  (one.dueMs - other.dueMs || one.meantMs - other.meantMs || one.order - other.order) < 0;

export class Timeline {
  /** The first event is at the root; each is before its two children. */
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #made = 0;
  #events = 0;
  /** How far the wall clock was set. */
  wallOffsetMs = 1_700_000_000_000;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  /** `action` happens after `delayMs`, unless `life` is over by then. */
  after(delayMs: number, life: Life | undefined, action: () => void): void {
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    this.#add({ dueMs, meantMs: dueMs, order: this.#made++, life, action });
  }

  /** Resolves after `delayMs` with what `work` gives then; never, if `life` is over. */
  later<T>(delayMs: number, life: Life | undefined, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(delayMs, life, () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  pause(delayMs: number, life: Life): Promise<void> {
    return this.later(delayMs, life, () => {});
  }

  /** A clock whose timers are part of a life. */
  clockOf(life: Life): Clock {
    return {
      now: () => this.#nowMs + this.wallOffsetMs,
      monotonicMs: () => this.#nowMs,
      after: (delayMs, action) => this.#timer(delayMs, undefined, life, action),
      every: (periodMs, action) => this.#timer(periodMs, periodMs, life, action),
    };
  }

  /** Lets time pass until `isOver`, or up to `untilMs`. Gives whether it was over. */
  async run(untilMs: number, isOver: () => boolean): Promise<boolean> {
    for (;;) {
      for (let step = 0; step < STEPS; step++) await undefined;
      if (isOver()) return true;
      const event = this.#heap[0];
      if (event === undefined || event.dueMs > untilMs) return false;
      this.#takeFirst();
      this.#nowMs = event.dueMs;
      const { life } = event;
      if (life?.isOver) continue;
      const thawsMs = life?.frozenUntilMs ?? 0;
      if (thawsMs > this.#nowMs) {
        this.#add({ ...event, dueMs: thawsMs });
        continue;
      }
      this.#events++;
      event.action();
    }
  }

  #timer(delayMs: number, periodMs: number | undefined, life: Life, action: () => void): Timer {
    let isCancelled = false;
    const ring = () => {
      if (isCancelled) return;
      if (periodMs !== undefined) this.after(periodMs, life, ring);
      action();
    };
    this.after(delayMs, life, ring);
    const cancel = () => {
      isCancelled = true;
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  #add(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && isBefore(event, heap[parent]!); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (child >= heap.length || !isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
