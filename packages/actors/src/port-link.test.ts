import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { BY_PORT, Outcome, type RingReader, type RingWriter } from './batch-ring.ts';
import type { SentCall } from './call-slots.ts';
import { Definitions } from './definitions.ts';
import { BATCH_FIELDS_MAX, BATCH_FIELDS_SOON, CREDIT_BATCHES, type Link } from './link.ts';
import { LinkMemory } from './link-memory.ts';
import { makeLinkEnds } from './links.ts';
import { PortLink } from './port-link.ts';
import { type Batch, Kind } from './protocol.ts';
import { LinkRecorder, turn } from './testing/link-recorder.ts';

class Events extends LinkRecorder {
  /** Asks for more after each batch, as a thread does before it sleeps. */
  drains = true;

  override received(link: Link, batch: Batch): void {
    super.received(link, batch);
    setImmediate(() => this.#settle(link as PortLink));
  }

  override nothing(link: Link): void {
    this.#settle(link as PortLink);
  }

  /** What a thread does before it sleeps. */
  #settle(link: PortLink): void {
    if (!this.drains) return;
    link.setAsleep(true);
    if (!link.hasMore) return;
    link.setAsleep(false);
    if (!link.takeOne()) setImmediate(() => this.#settle(link));
  }
}

/** One end as a link, the other as the bare port and memory that a slow thread would have. */
class HalfLink implements AsyncDisposable {
  readonly events = new Events();
  readonly link: PortLink;
  readonly port: MessagePort;
  readonly memory: LinkMemory;
  readonly #reader: RingReader;
  readonly #writer: RingWriter;

  constructor() {
    const { here, there } = makeLinkEnds(1, 2);
    const own = () => ({ decodeOwn: () => ({}) });
    this.link = new PortLink(here, new Definitions(), own, this.events);
    this.port = there.port;
    this.memory = new LinkMemory(there.memory);
    this.memory.setAsleep(1, false);
    this.#reader = this.memory.readerOf(0);
    this.#writer = this.memory.writerOf(1);
  }

  /** Writes one full batch. */
  write(marker: number): void {
    const out = this.link.entry();
    for (let field = 0; field < BATCH_FIELDS_MAX; field++) out.push(marker);
  }

  /** Takes all that was sent, without giving credit. */
  take(): Batch[] {
    const batches: Batch[] = [];
    while (!this.#reader.isEmpty) {
      const batch = this.#reader.take();
      batches.push(batch === BY_PORT ? this.#takeFromPort() : batch);
      if (batch === BY_PORT) this.#reader.tookFromPort();
    }
    return batches;
  }

  #takeFromPort(): Batch {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port)) {
      if (Array.isArray(next.message)) return next.message;
    }
    assert.fail('the port has no batch whose turn it is');
  }

  /** Sends as the peer does. */
  send(...fields: unknown[]): void {
    if (this.#writer.write(fields) === Outcome.Written) {
      if (this.memory.takeSleeper(0)) this.port.postMessage(0);
    } else {
      this.#writer.mark(1);
      this.port.postMessage(fields);
    }
  }

  /** Says that batches were consumed, as the peer does when this side waits for it. */
  wake(): void {
    if (this.memory.takeSleeper(0)) this.port.postMessage(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.link.close();
    while (this.link.isOpen) await turn();
    assert.equal(this.events.closings, 1);
  }
}

/** Both ends as links, in one thread. */
class LinkPair implements AsyncDisposable {
  readonly events = new Events();
  readonly #sending = new Events();
  readonly here: PortLink;
  readonly there: PortLink;

  constructor() {
    const ends = makeLinkEnds(1, 2);
    const own = () => ({ decodeOwn: () => ({}) });
    this.here = new PortLink(ends.here, new Definitions(), own, this.#sending);
    this.there = new PortLink(ends.there, new Definitions(), own, this.events);
  }

  post(marker: unknown): void {
    this.here.entry().push(Kind.Gone, marker);
    this.#sending.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.here.close();
    while (this.there.isOpen) await turn();
  }
}

test('what is written in one turn leaves as one batch', async () => {
  await using half = new HalfLink();
  for (let entry = 0; entry < 10; entry++) half.link.entry().push(Kind.Gone, entry);
  assert.deepEqual(half.take(), []);
  half.events.flush();
  assert.deepEqual(half.take(), [Array.from({ length: 10 }, (_, entry) => [Kind.Gone, entry]).flat()]);
});

test('a flood is bounded: no more batches are un-consumed than there is credit', async () => {
  await using half = new HalfLink();
  const write = (marker: number): void => {
    half.link.entry().push(marker);
    half.events.flush();
  };
  for (let marker = 0; marker < 100; marker++) write(marker);
  const first = half.take();
  assert.equal(first.length, CREDIT_BATCHES);

  half.memory.addConsumed(0);
  assert.equal(half.memory.takeWaiting(0), true, 'the sender has said that it waits');
  assert.equal(half.memory.takeWaiting(0), false);
  half.wake();
  await turn();
  assert.deepEqual(
    [...first, ...half.take()].flat(),
    Array.from({ length: 100 }, (_, marker) => marker),
    'what waited leaves as one batch',
  );
});

test('all of a flood arrives, in order, as fast as credit comes', async () => {
  await using half = new HalfLink();
  const arrived: unknown[] = [];
  for (let batch = 0; batch < 50; batch++) half.write(batch);
  half.events.flush();
  while (arrived.length < 50) {
    const batches = half.take();
    assert.ok(batches.length <= CREDIT_BATCHES);
    for (const [marker] of batches) {
      arrived.push(marker);
      half.memory.addConsumed(0);
    }
    if (half.memory.takeWaiting(0)) half.wake();
    await turn();
  }
  assert.deepEqual(
    arrived,
    Array.from({ length: 50 }, (_, batch) => batch),
  );
});

test('a receiver gives back what it has taken', async () => {
  await using half = new HalfLink();
  for (let batch = 0; batch < CREDIT_BATCHES; batch++) half.send(Kind.Gone, batch);
  while (half.events.batches.length < CREDIT_BATCHES) await turn();
  assert.equal(half.memory.consumedOf(1), CREDIT_BATCHES);
});

test('a receiver wakes a sender that waits, and only one that waits', async () => {
  await using half = new HalfLink();
  half.send(Kind.Gone, 1);
  while (half.events.batches.length < 1) await turn();
  assert.equal(receiveMessageOnPort(half.port), undefined);
  half.memory.setWaiting(1, true);
  half.memory.setAsleep(1, true);
  half.send(Kind.Gone, 2);
  while (half.events.batches.length < 2) await turn();
  assert.deepEqual(receiveMessageOnPort(half.port), { message: 0 });
});

test('bytes that an entry carries make its batch full before its fields do', async () => {
  await using half = new HalfLink();
  for (let entry = 0; entry < 20; entry++) {
    half.link.entry().push(Kind.Gone, entry);
    half.link.addBytes(200_000);
  }
  half.events.flush();
  const batches = half.take();
  assert.ok(batches.length <= CREDIT_BATCHES);
  for (const batch of batches) assert.ok(batch.length <= 3 * 2, 'three entries of 200 kB fill a batch');
});

test('at the exit of its thread a link sends all it has, credit or not', async () => {
  await using half = new HalfLink();
  for (let batch = 0; batch < 20; batch++) half.write(batch);
  half.link.flushAtExit();
  assert.equal(half.take().length, 20);
});

test('what was sent before the peer closed still arrives, and then the link closes once', async () => {
  await using half = new HalfLink();
  for (let batch = 0; batch < 5; batch++) half.send(Kind.Gone, batch);
  half.port.close();
  while (half.link.isOpen) await turn();
  assert.deepEqual(
    half.events.batches.map(([, batch]) => batch),
    [0, 1, 2, 3, 4],
  );
  assert.equal(half.events.closings, 1);
  half.link.entry().push(Kind.Gone, 0); // Nobody is there any more: it goes nowhere, and harms nothing.
  half.events.flush();
});

test('a link that is held keeps what is written until it is let go, and sends it at its thread’s exit all the same', async () => {
  await using half = new HalfLink();
  half.link.hold();
  half.link.entry().push(Kind.Gone, 1);
  half.events.flush();
  assert.deepEqual(half.take(), []);
  half.link.letGo();
  assert.deepEqual(half.take(), [[Kind.Gone, 1]]);

  half.link.hold();
  half.link.entry().push(Kind.Gone, 2);
  half.link.flushAtExit();
  assert.deepEqual(half.take(), [[Kind.Gone, 2]]);
});

test('a call is marked as begun where its caller looks', async () => {
  await using half = new HalfLink();
  const call: SentCall = { answered() {}, unbegun() {}, interrupted() {}, yielded() {} };
  const slots = [half.link.slots.take(call), half.link.slots.take(call)];
  half.memory.begunOf(0)[slots[1]!] = 1; // As the other side does before it runs the call.
  assert.deepEqual(
    half.link.slots.drain().map(({ began }) => began),
    [false, true],
  );
  half.link.begin(7);
  assert.equal(half.memory.begunOf(1)[7], 1);
  assert.equal(half.memory.begunOf(0)[7], 0);
});

test('a large batch leaves before the turn ends while few are on their way, and order holds', async () => {
  await using half = new HalfLink();
  const write = (marker: number): void => {
    const out = half.link.entry();
    for (let field = 0; field < BATCH_FIELDS_SOON; field++) out.push(marker);
  };
  for (let marker = 0; marker < 20; marker++) write(marker);
  const early = half.take();
  assert.equal(early.length, CREDIT_BATCHES / 2);
  half.events.flush();
  const markers = [...early, ...half.take()].flat().filter((_, field) => field % BATCH_FIELDS_SOON === 0);
  assert.deepEqual(
    markers,
    Array.from({ length: 20 }, (_, marker) => marker),
  );
});

test('a watcher takes what was posted before the loop brings it, in order, once, and its credit returns at once', async () => {
  await using pair = new LinkPair();
  const total = 3 * CREDIT_BATCHES;
  let taken = 0;
  for (let marker = 0; marker < total; marker++) {
    pair.post(marker);
    if (pair.there.takeOne()) taken++;
  }
  assert.equal(taken, total, 'no batch waited for credit');
  assert.equal(pair.there.takeOne(), false);
  await turn();
  assert.deepEqual(
    pair.events.batches.map(([, marker]) => marker),
    Array.from({ length: total }, (_, marker) => marker),
  );
});

test('what is left at the close is received before it', async () => {
  const pair = new LinkPair();
  pair.events.drains = false;
  for (const marker of [1, 2, 3]) pair.post(marker);
  pair.here.close();
  assert.equal(pair.there.takeOne(), true);
  while (pair.there.isOpen) await turn();
  assert.deepEqual(pair.events.batches, [
    [Kind.Gone, 1],
    [Kind.Gone, 2],
    [Kind.Gone, 3],
  ]);
  assert.equal(pair.there.takeOne(), false);
});

test('batches in the ring and batches by the port arrive in the order in which they were sent', async () => {
  await using pair = new LinkPair();
  const sent: unknown[] = [];
  for (let marker = 0; marker < 200; marker++) {
    const value = marker % 3 === 0 ? new Map([[marker, marker]]) : marker % 5 === 0 ? 'long '.repeat(marker) : marker;
    sent.push(value);
    pair.post(value);
    if (marker % 7 === 0) pair.there.takeOne();
    if (marker % 31 === 0) await turn();
  }
  const arrived = (): unknown[] => pair.events.batches.flat().filter((_, field) => field % 2 === 1);
  while (arrived().length < sent.length) await turn();
  assert.deepEqual(arrived(), sent);
});

test('only a thread that has said that it sleeps is woken, and once', async () => {
  await using half = new HalfLink();
  const send = (marker: number): void => {
    half.link.entry().push(Kind.Gone, marker);
    half.events.flush();
  };
  send(1);
  assert.equal(receiveMessageOnPort(half.port), undefined);
  half.memory.setAsleep(1, true);
  send(2);
  send(3);
  assert.deepEqual(receiveMessageOnPort(half.port), { message: 0 });
  assert.equal(receiveMessageOnPort(half.port), undefined);
  assert.equal(half.take().length, 3);
});

test('what is sent before the other thread has taken its end wakes it when it has', async () => {
  const ends = makeLinkEnds(1, 2);
  const own = () => ({ decodeOwn: () => ({}) });
  const sending = new Events();
  const here = new PortLink(ends.here, new Definitions(), own, sending);
  here.entry().push(Kind.Gone, 1);
  sending.flush();
  const events = new Events();
  const there = new PortLink(ends.there, new Definitions(), own, events);
  for (let turns = 0; turns < 100 && events.batches.length === 0; turns++) await turn();
  assert.deepEqual(events.batches, [[Kind.Gone, 1]]);
  here.close();
  while (there.isOpen) await turn();
});

test('a ring that is full holds the sender back until it was read, and nothing is lost', async () => {
  await using half = new HalfLink();
  for (let batch = 0; batch < 6; batch++) half.write(batch + 0.5); // Each needs half of the ring.
  half.events.flush();
  const arrived = half.take().map(([marker]) => marker);
  assert.ok(arrived.length < 6, 'no more than there is room for');
  while (arrived.length < 6) {
    assert.equal(half.memory.takeWaiting(0), true, 'the sender has said that it waits');
    half.wake();
    await turn();
    arrived.push(...half.take().map(([marker]) => marker));
  }
  assert.deepEqual(arrived, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
});
