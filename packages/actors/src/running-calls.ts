import type { Envelope } from './envelope.ts';

/** The calls of one actor that outlast their turn, in no order: a call knows its own place, so that it is out in one step. */
export class RunningCalls {
  readonly #calls: Envelope[] = [];

  get size(): number {
    return this.#calls.length;
  }

  add(call: Envelope): void {
    call.place = this.#calls.push(call) - 1;
  }

  /** False: the call is not among them. */
  remove(call: Envelope): boolean {
    const { place } = call;
    if (place === -1) return false;
    call.place = -1;
    const last = this.#calls.pop()!;
    if (last === call) return true;
    this.#calls[place] = last;
    last.place = place;
    return true;
  }

  /** All of them, which are running no more. */
  takeAll(): Envelope[] {
    const all = this.#calls.splice(0);
    for (const call of all) call.place = -1;
    return all;
  }

  [Symbol.iterator](): Iterator<Envelope> {
    return [...this.#calls].values(); // A cancel may end some of them at once.
  }
}
