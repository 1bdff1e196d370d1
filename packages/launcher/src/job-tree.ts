/**
 * Which processes belong to an attempt. Pure: looks at what others read from `/proc`.
 *
 * A process belongs if its environment carries the mark, if it is the leader, if it is in the leader's group, if
 * its parent belongs, or if it was seen to belong before. The last two find those who cleared their environment,
 * as long as a look was taken while their parents lived; so the tree remembers what it has seen.
 */
import type { ProcessFacts, ProcessLook } from './process-table.ts';

export interface Leader {
  readonly pid: number;
  readonly startTime: string;
}

/** One mark, or those that a predicate accepts. */
export type MarkChoice = string | ((mark: string) => boolean);

export class JobTree {
  readonly #marks: MarkChoice;
  readonly #leader: Leader | undefined;
  readonly #seen = new Map<number, string>();

  constructor(marks: MarkChoice, leader?: Leader) {
    this.#marks = marks;
    this.#leader = leader;
    if (leader !== undefined) this.#seen.set(leader.pid, leader.startTime);
  }

  /** Everything of the tree in this look that is alive. We ourselves and pids 1 and 2 are never part of it. */
  select(look: ProcessLook): ProcessFacts[] {
    const members = new Map<number, ProcessFacts>();
    const add = (facts: ProcessFacts): void => {
      if (facts.pid <= 2 || facts.pid === process.pid || members.has(facts.pid)) return;
      members.set(facts.pid, facts);
      for (const child of look.childrenOf(facts.pid)) add(child);
    };
    for (const facts of this.#marked(look)) add(facts);
    for (const facts of this.#group(look)) add(facts);
    for (const [pid, startTime] of this.#seen) {
      const facts = look.get(pid);
      if (facts?.startTime === startTime) add(facts);
    }
    this.#seen.clear();
    for (const { pid, startTime } of members.values()) this.#seen.set(pid, startTime);
    return [...members.values()].filter(({ isZombie }) => !isZombie);
  }

  #marked(look: ProcessLook): Iterable<ProcessFacts> {
    const marks = this.#marks;
    if (typeof marks === 'string') return look.markedWith(marks);
    return look
      .marks()
      .filter(marks)
      .flatMap((mark) => look.markedWith(mark));
  }

  /** The leader's number names its group still, unless it now is the pid of another process. */
  #group(look: ProcessLook): readonly ProcessFacts[] {
    if (this.#leader === undefined) return [];
    const bearer = look.get(this.#leader.pid);
    const isReused = bearer !== undefined && bearer.startTime !== this.#leader.startTime;
    return isReused ? [] : look.inGroup(this.#leader.pid);
  }
}
