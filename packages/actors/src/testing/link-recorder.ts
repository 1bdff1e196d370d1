import assert from 'node:assert/strict';
import type { Link, LinkEvents } from '../link.ts';
import type { Batch } from '../protocol.ts';

/** What comes over a link, kept for a test, and proof that the link keeps its promises to the core. */
export class LinkRecorder implements LinkEvents {
  readonly batches: Batch[] = [];
  closings = 0;
  readonly #dirty = new Set<Link>();

  received(_link: Link, batch: Batch): void {
    assert.equal(this.closings, 0, 'nothing arrives after the close');
    this.batches.push(batch);
  }

  closed(): void {
    this.closings++;
  }

  dirty(link: Link): void {
    assert.ok(!this.#dirty.has(link), 'a link says once a turn that it has something to send');
    this.#dirty.add(link);
  }

  woken(): void {}

  nothing(_link: Link): void {}

  /** What the core does at the end of a turn. */
  flush(): void {
    for (const link of this.#dirty) {
      this.#dirty.delete(link);
      link.flush();
    }
  }
}

/** Resolves when the loop has gone round once. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
