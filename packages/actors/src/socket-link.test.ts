import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BegunFile } from './begun-file.ts';
import type { SentCall } from './call-slots.ts';
import { Definitions } from './definitions.ts';
import { decodeValue, encodeFrame, Frame, FrameReader } from './frames.ts';
import { BATCH_FIELDS_MAX, CREDIT_BATCHES, type Link } from './link.ts';
import { callOf, slotOf } from './numbered-slots.ts';
import { type Batch, Kind } from './protocol.ts';
import { SocketLink } from './socket-link.ts';
import { LinkRecorder, turn } from './testing/link-recorder.ts';

class Events extends LinkRecorder {
  #hasTurn = false;

  override dirty(link: Link): void {
    super.dirty(link);
    if (this.#hasTurn) return;
    this.#hasTurn = true;
    process.nextTick(() => this.flush());
  }

  override flush(): void {
    this.#hasTurn = false;
    super.flush();
  }
}

/** One end as a link, the other as the bare socket and file that the other process would have. */
class HalfLink implements AsyncDisposable {
  readonly events = new Events();
  readonly link: SocketLink;
  readonly socket: Socket;
  readonly file: BegunFile;
  readonly #folder: string;
  readonly #reader = new FrameReader();
  readonly frames: { readonly kind: Frame; readonly value: unknown }[] = [];

  private constructor(folder: string, here: Socket, there: Socket) {
    this.#folder = folder;
    const path = join(folder, 'words');
    const file = BegunFile.create(path);
    this.file = BegunFile.take(path);
    this.link = new SocketLink(2, new Definitions(), () => ({ decodeOwn: () => ({}) }), this.events);
    this.link.attach({ socket: here, file, side: 0 });
    this.socket = there;
    there.pause();
    there.on('error', () => {});
  }

  static async open(): Promise<HalfLink> {
    const folder = mkdtempSync(join(tmpdir(), 'socket-link-'));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    const here = connect(join(folder, 'socket'));
    const [there] = (await once(server, 'connection')) as [Socket];
    if (here.connecting) await once(here, 'connect');
    server.close();
    return new HalfLink(folder, here, there);
  }

  /** Writes one full batch. */
  write(marker: number): void {
    const out = this.link.entry();
    for (let field = 0; field < BATCH_FIELDS_MAX; field++) out.push(marker);
  }

  /** Reads until so many frames have come. */
  async take(count: number): Promise<void> {
    for (; this.frames.length < count; await turn()) {
      const chunk = this.socket.read() as Buffer | null;
      if (chunk !== null)
        this.#reader.push(chunk, ({ kind, body }) =>
          this.frames.push({ kind, value: body.length === 0 ? undefined : decodeValue(body) }),
        );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.link.close();
    this.socket.destroy();
    while (this.link.isOpen) await turn();
    assert.equal(this.events.closings, 1);
    this.file.close();
    assert.deepEqual(readdirSync(this.#folder), [], 'neither socket nor file is left');
    rmSync(this.#folder, { recursive: true });
  }
}

const call: SentCall = { answered() {}, unbegun() {}, interrupted() {}, yielded() {} };

test('what is written in one turn leaves as one batch', async () => {
  await using half = await HalfLink.open();
  for (let entry = 0; entry < 10; entry++) half.link.entry().push(Kind.Gone, entry);
  await half.take(1);
  assert.deepEqual(
    half.frames.map(({ kind }) => kind),
    [Frame.Batch],
  );
  assert.equal((half.frames[0]!.value as [unknown, Batch])[1].length, 20);
});

test('at most so many batches are un-consumed; the rest follow as the peer tells that it has consumed', async () => {
  await using half = await HalfLink.open();
  for (let batch = 0; batch < 20; batch++) half.write(batch);
  await half.take(CREDIT_BATCHES);
  for (let wait = 0; wait < 20; wait++) await turn();
  assert.equal(half.socket.read(), null, 'no more than credit allows');
  for (const consumed of [4, 8, 12]) {
    half.socket.write(encodeFrame(Frame.Credit, consumed));
    await half.take(consumed + CREDIT_BATCHES);
  }
  assert.deepEqual(
    half.frames.map(({ value }) => (value as [unknown, Batch])[1][0]),
    Array.from({ length: 20 }, (_, batch) => batch),
  );
});

test('a receiver that sends nothing itself gives credit in frames of their own', async () => {
  await using half = await HalfLink.open();
  for (let batch = 0; batch < CREDIT_BATCHES; batch++)
    half.socket.write(encodeFrame(Frame.Batch, 0, [[], [Kind.Gone, batch]]));
  while (half.events.batches.length < CREDIT_BATCHES) await turn();
  await half.take(1);
  assert.equal(half.frames[0]?.kind, Frame.Credit);
});

test('at the exit of its process a link sends all it has, credit or not', async () => {
  await using half = await HalfLink.open();
  for (let batch = 0; batch < 12; batch++) half.write(batch);
  half.link.flushAtExit();
  await half.take(12);
});

test('what was sent before the peer closed still arrives, although a write to it has failed meanwhile', async () => {
  await using half = await HalfLink.open();
  for (let batch = 0; batch < 5; batch++) half.socket.write(encodeFrame(Frame.Batch, 0, [[], [Kind.Gone, batch]]));
  half.socket.destroy();
  for (let wait = 0; wait < 3; wait++) half.link.sendOther(Frame.Control, 'into nowhere');
  while (half.link.isOpen) await turn();
  assert.deepEqual(
    half.events.batches.map(([, batch]) => batch),
    [0, 1, 2, 3, 4],
  );
  half.link.entry().push(Kind.Gone, 0); // Nobody is there any more: it goes nowhere, and harms nothing.
});

test('of the calls on their way those are told to have begun that the peer has marked, in slots used before as well', async () => {
  await using half = await HalfLink.open();
  const { slots } = half.link;
  const [first, second] = [slots.take(call), slots.take(call)];
  half.file.begin(0, slotOf(first), callOf(first));
  half.file.begin(0, slotOf(second), callOf(second));
  assert.equal(slots.release(first), call);
  const again = slots.take(call); // In the slot of the first, whose mark is still there.
  assert.equal(slotOf(again), slotOf(first));
  assert.equal(slots.recall(), false);
  half.socket.destroy();
  while (half.link.isOpen) await turn();
  assert.deepEqual(
    slots.drain().map(({ began }) => began),
    [false, true],
  );
});

test('a link that has no connection yet keeps what is written, and closes when there will be none', async () => {
  const events = new Events();
  const link = new SocketLink(2, new Definitions(), () => ({ decodeOwn: () => ({}) }), events);
  link.entry().push(Kind.Gone, 1);
  events.flush();
  assert.equal(link.isOpen, true);
  link.close();
  assert.equal(events.closings, 0, 'not inside the call');
  await turn();
  assert.equal(events.closings, 1);
});
