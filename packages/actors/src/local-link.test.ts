import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@heddle/base';
import { Definitions } from './definitions.ts';
import { BATCH_FIELDS_MAX, type Link, type LinkEvents } from './link.ts';
import { LocalLink } from './local-link.ts';
import { type Batch, Kind } from './protocol.ts';
import { turn } from './testing/link-recorder.ts';

class Events implements LinkEvents {
  readonly batches: Batch[] = [];
  onReceived: (link: Link) => void = () => {};
  #isFlushing = false;

  received(link: Link, batch: Batch): void {
    this.batches.push(batch);
    this.onReceived(link);
  }

  closed(): void {}

  woken(): void {}

  nothing(): void {}

  /** As the core does. */
  dirty(link: Link): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      link.flush();
    });
  }
}

function makeLink(clock = new ManualClock()): { readonly link: LocalLink; readonly events: Events } {
  const events = new Events();
  return { link: new LocalLink(1, new Definitions(), () => ({ decodeOwn: () => ({}) }), events, clock), events };
}

test('nothing is delivered inside the call that wrote it, and everything in the order in which it was written', async () => {
  const { link, events } = makeLink();
  for (let entry = 0; entry < 3_000; entry++) link.entry().push(Kind.Gone, entry);
  assert.equal(events.batches.length, 0);
  await turn();
  await turn();
  assert.deepEqual(
    events.batches.flat().filter((_, index) => index % 2 === 1),
    Array.from({ length: 3_000 }, (_, entry) => entry),
  );
  assert.ok(events.batches.every(({ length }) => length <= BATCH_FIELDS_MAX + 1));
});

test('an answer to every delivery, without end, leaves the loop its turns', async () => {
  const clock = new ManualClock();
  const { link, events } = makeLink(clock);
  let isAnswering = true;
  events.onReceived = () => {
    clock.advance(0.1); // Time passes as code runs.
    if (isAnswering) link.entry().push(Kind.Gone, 0);
  };
  link.entry().push(Kind.Gone, 0);
  for (let turns = 0; turns < 10; turns++) {
    const before = events.batches.length;
    await turn();
    assert.ok(events.batches.length - before <= 20, 'about a millisecond of deliveries between two turns');
  }
  assert.ok(events.batches.length > 10);
  isAnswering = false;
  await turn();
  await turn();
});
