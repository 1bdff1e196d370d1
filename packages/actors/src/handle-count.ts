/**
 * How far one thread holds on to one actor, as a census asks: whether it does, and how many copies of handles it
 * has sent and received. Copies on their way are those that the sums of all threads differ by.
 */
export interface Holding {
  readonly holds: boolean;
  readonly sent: number;
  readonly received: number;
}

/** One thread's handles of one actor. */
export class HandleCount {
  #handles = 0;
  #sent = 0;
  #received = 0;
  #owesWord = false;

  get isHeld(): boolean {
    return this.#handles > 0;
  }

  made(): void {
    this.#handles++;
    this.#owesWord = true;
  }

  /** A handle was released, or collected. */
  dropped(): void {
    this.#handles--;
  }

  /** Whether the driver must be told that the thread has let go; it is told once. */
  takeWord(): boolean {
    const owed = this.#owesWord;
    this.#owesWord = false;
    return owed;
  }

  sent(): void {
    this.#sent++;
  }

  received(): void {
    this.#received++;
  }

  holding(isBusy: boolean): Holding {
    if (isBusy) this.#owesWord = true; // A census was told that this thread holds on: it must hear when that is over.
    return { holds: this.#handles > 0 || isBusy, sent: this.#sent, received: this.#received };
  }
}
