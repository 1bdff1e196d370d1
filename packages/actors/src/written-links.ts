import type { Link } from './link.ts';

/** The links to which this thread has written in its present turn: what was written leaves when the turn ends. */
export class WrittenLinks {
  /** Mostly there is one: an array for it costs more than all else here. */
  #first: Link | undefined;
  #others: Link[] | undefined;
  readonly #leavesAnyway: () => boolean;
  readonly #endTurn: () => void;

  /**
   * `leavesAnyway`: whether `flush` will be called when the turn ends. `onSent`: called otherwise, at the end of each turn in
   * which something was written, when it was sent.
   */
  constructor(leavesAnyway: () => boolean, onSent: () => void) {
    this.#leavesAnyway = leavesAnyway;
    this.#endTurn = () => {
      this.flush();
      onSent();
    };
  }

  add(link: Link): void {
    if (this.#first !== undefined) {
      this.#others ??= [];
      this.#others.push(link);
      return;
    }
    this.#first = link;
    if (!this.#leavesAnyway()) process.nextTick(this.#endTurn);
  }

  /** False: nothing was written. */
  flush(): boolean {
    const first = this.#first;
    if (first === undefined) return false;
    const others = this.#others;
    this.#first = undefined;
    this.#others = undefined;
    first.flush();
    if (others !== undefined) for (let i = 0; i < others.length; i++) others[i]!.flush();
    return true;
  }
}
