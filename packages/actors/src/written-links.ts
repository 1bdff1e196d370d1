import type { Link } from './link.ts';

/** The links to which this thread has written in its present turn: what was written leaves when the turn ends. */
export class WrittenLinks {
  readonly #links: Link[] = [];
  readonly #endTurn: () => void;

  /** `onSent`: called at the end of each turn in which something was written, when it was sent. */
  constructor(onSent: () => void) {
    this.#endTurn = () => {
      this.flush();
      onSent();
    };
  }

  add(link: Link): void {
    if (this.#links.push(link) === 1) process.nextTick(this.#endTurn);
  }

  flush(): void {
    if (this.#links.length === 0) return;
    const links = this.#links.splice(0);
    for (let i = 0; i < links.length; i++) links[i]!.flush();
  }
}
