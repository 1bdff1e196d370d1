/**
 * Asks all threads what they remember, and waits for those that answer: a thread that ends meanwhile is left out.
 * A thread that is busy answers when its turn has ended.
 */
import type { Link } from './link.ts';
import { Kind } from './protocol.ts';
import type { TaskReport } from './task-log.ts';

interface Asked {
  readonly missing: Set<Link>;
  readonly reports: TaskReport[];
  readonly resolve: (reports: TaskReport[]) => void;
}

export class Reports {
  readonly #asked = new Map<number, Asked>();
  #questions = 0;

  /** `own`: what the asking thread remembers itself. */
  gather(links: readonly Link[], own: TaskReport): Promise<TaskReport[]> {
    const { promise, resolve } = Promise.withResolvers<TaskReport[]>();
    const question = ++this.#questions;
    this.#asked.set(question, { missing: new Set(links), reports: [own], resolve });
    for (const link of links) link.entry().push(Kind.Report, question);
    this.#settle(question);
    return promise;
  }

  answered(link: Link, question: number, report: TaskReport): void {
    const asked = this.#asked.get(question);
    if (asked?.missing.delete(link) !== true) return;
    asked.reports.push(report);
    this.#settle(question);
  }

  linkClosed(link: Link): void {
    for (const [question, { missing }] of this.#asked) if (missing.delete(link)) this.#settle(question);
  }

  #settle(question: number): void {
    const asked = this.#asked.get(question)!;
    if (asked.missing.size > 0) return;
    this.#asked.delete(question);
    asked.resolve(asked.reports);
  }
}
