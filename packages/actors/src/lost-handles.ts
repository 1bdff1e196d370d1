/**
 * Tells of handles that nobody has released and the collector has taken.
 *
 * To register a handle with the collector and to withdraw it costs about half of what the call of a short-lived actor
 * costs. Handles that are released at all are mostly released soon. So this thread holds on to a new one for a moment;
 * what has not been released then is registered, and nobody holds it here any more.
 */
import type { Clock } from '@heddle/base';
import { type ActorTarget, type AnyHandle, placeOf, setPlace, targetOf } from './actor-handle.ts';
import { outsideContext } from './outside-context.ts';

/** How long a new handle is held at most, in milliseconds. */
const YOUNG_MS = 50;
/** How many are held at most. */
const YOUNG_MAX = 4_096;

export class LostHandles {
  readonly #clock: Clock;
  readonly #registry: FinalizationRegistry<ActorTarget>;
  /** Each in the place that it knows. */
  readonly #young: (AnyHandle | undefined)[] = [];
  readonly #free: number[] = [];
  #isTimed = false;

  /** `lost`: a handle of that actor has been collected. */
  constructor(clock: Clock, lost: (target: ActorTarget) => void) {
    this.#clock = clock;
    this.#registry = new FinalizationRegistry(lost);
  }

  add(handle: AnyHandle): void {
    if (this.#free.length === 0 && this.#young.length === YOUNG_MAX) this.#registerAll();
    const place = this.#free.pop() ?? this.#young.length;
    this.#young[place] = handle;
    setPlace(handle, place);
    if (!this.#isTimed) this.#setTimer();
  }

  /** It was given up in order: once for each. */
  released(handle: AnyHandle): void {
    const place = placeOf(handle);
    if (place === -1) this.#registry.unregister(handle);
    else {
      this.#young[place] = undefined;
      this.#free.push(place);
    }
  }

  #setTimer(): void {
    this.#isTimed = true;
    const aged = () => {
      this.#isTimed = false;
      this.#registerAll();
    };
    outsideContext(() => this.#clock.after(YOUNG_MS, aged, { background: true }));
  }

  #registerAll(): void {
    for (const handle of this.#young) {
      if (handle === undefined) continue;
      setPlace(handle, -1);
      this.#registry.register(handle, targetOf(handle)!, handle);
    }
    this.#young.length = 0;
    this.#free.length = 0;
  }
}
