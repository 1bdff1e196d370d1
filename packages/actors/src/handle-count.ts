/**
 * How far one thread holds on to one actor, as a census asks: whether it does, and how many copies of handles it
 * has sent and received. Copies on their way are those that the sums of all threads differ by.
 */
export interface Holding {
  readonly holds: boolean;
  readonly sent: number;
  readonly received: number;
}

/**
 * One thread's handles of one actor. A value: of most actors there is one handle, which never leaves its thread, and
 * all those have the same object.
 */
export class HandleCount {
  static readonly NONE = new HandleCount(0, 0, 0, false);
  static readonly #ONE = new HandleCount(1, 0, 0, true);
  static readonly #NONE_LEFT = new HandleCount(0, 0, 0, true);
  readonly #handles: number;
  readonly #sent: number;
  readonly #received: number;
  /** Whether the driver must be told that the thread has let go; it is told once. */
  readonly owesWord: boolean;

  private constructor(handles: number, sent: number, received: number, owesWord: boolean) {
    this.#handles = handles;
    this.#sent = sent;
    this.#received = received;
    this.owesWord = owesWord;
  }

  get isHeld(): boolean {
    return this.#handles > 0;
  }

  made(): HandleCount {
    if (this === HandleCount.NONE) return HandleCount.#ONE;
    return new HandleCount(this.#handles + 1, this.#sent, this.#received, true);
  }

  /** A handle was released, or collected. */
  dropped(): HandleCount {
    if (this === HandleCount.#ONE) return HandleCount.#NONE_LEFT;
    return new HandleCount(this.#handles - 1, this.#sent, this.#received, this.owesWord);
  }

  /** The driver has been told. */
  told(): HandleCount {
    if (this === HandleCount.#NONE_LEFT) return HandleCount.NONE;
    return new HandleCount(this.#handles, this.#sent, this.#received, false);
  }

  /** A census was told that this thread holds on: it must hear when that is over. */
  owing(): HandleCount {
    return this.owesWord ? this : new HandleCount(this.#handles, this.#sent, this.#received, true);
  }

  sent(): HandleCount {
    return new HandleCount(this.#handles, this.#sent + 1, this.#received, this.owesWord);
  }

  received(): HandleCount {
    return new HandleCount(this.#handles, this.#sent, this.#received + 1, this.owesWord);
  }

  holding(isBusy: boolean): Holding {
    return { holds: this.#handles > 0 || isBusy, sent: this.#sent, received: this.#received };
  }
}
