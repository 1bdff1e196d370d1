import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test from 'node:test';
import { MessageSocket } from './message-socket.ts';

/** Two ends of one connection: a raw one, and one that speaks messages. */
class SocketPair implements AsyncDisposable {
  readonly received: unknown[] = [];
  readonly #server = createServer();
  #waiting: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly closed: PromiseWithResolvers<void> = Promise.withResolvers();
  raw!: Socket;
  messages!: MessageSocket;

  static async open(): Promise<SocketPair> {
    const pair = new SocketPair();
    pair.#server.listen(0, '127.0.0.1');
    await once(pair.#server, 'listening');
    pair.raw = connect((pair.#server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(pair.#server, 'connection')) as [Socket];
    pair.messages = new MessageSocket(socket, {
      received: (message) => {
        pair.received.push(message);
        pair.#waiting.resolve();
      },
      closed: () => pair.closed.resolve(),
    });
    return pair;
  }

  async untilReceived(count: number): Promise<void> {
    while (this.received.length < count) {
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.raw.destroy();
    this.messages.destroy();
    await this.closed.promise;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function frame(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

test('messages arrive whole and in order, however they are cut', async () => {
  await using pair = await SocketPair.open();
  const sent = [{ a: 1 }, { text: 'ä€😀'.repeat(100) }, {}, { last: true }];
  const bytes = Buffer.concat(sent.map(frame));
  for (const size of [1, 2, 3, 7, bytes.length]) {
    pair.received.length = 0;
    for (let at = 0; at < bytes.length; at += size) {
      pair.raw.write(bytes.subarray(at, at + size));
      if (size < 4) await new Promise(setImmediate);
    }
    await pair.untilReceived(sent.length);
    assert.deepEqual(pair.received, sent);
  }
});

test('messages of one turn leave together and are read back', async () => {
  await using pair = await SocketPair.open();
  for (const message of [{ a: 1 }, { b: 2 }]) pair.messages.send(message);
  const [chunk] = await once(pair.raw, 'data');
  assert.deepEqual(chunk, Buffer.concat([frame({ a: 1 }), frame({ b: 2 })]));
});

test('a peer that sends nonsense is cut off', async () => {
  for (const nonsense of [Buffer.from([255, 255, 255, 255, 1]), Buffer.from([2, 0, 0, 0, 123, 123])]) {
    await using pair = await SocketPair.open();
    pair.raw.write(nonsense);
    await pair.closed.promise;
    assert.deepEqual(pair.received, []);
  }
});
