import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { LogChunk } from '@heddle/api';
import { LogSocket } from './log-socket.ts';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x81;
const CLOSE = 0x88;

/** Speaks just enough of RFC 6455 to send a log: frames out, and an answer to a close; all else is dropped. */
class StubSocketServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly accepted: Promise<{ request: IncomingMessage; socket: Duplex }>;

  constructor() {
    this.#server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    const { promise, resolve } = Promise.withResolvers<{ request: IncomingMessage; socket: Duplex }>();
    this.accepted = promise;
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      const key = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}${HANDSHAKE_GUID}`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
      );
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (data: Buffer) => {
        if (data[0] === CLOSE) void this.close(1000);
      });
      resolve({ request, socket });
    });
  }

  async open(headers: Record<string, string> = {}): Promise<LogSocket> {
    if (!this.#server.listening) await once(this.#server, 'listening');
    return new LogSocket(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`, headers);
  }

  async send(...chunks: LogChunk[]): Promise<void> {
    const { socket } = await this.accepted;
    for (const chunk of chunks) socket.write(frame(TEXT, Buffer.from(JSON.stringify(chunk))));
  }

  async close(code: number): Promise<void> {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    (await this.accepted).socket.end(frame(CLOSE, payload));
  }

  /** Resolves when the connection is closed on both sides. */
  async clientLeft(): Promise<void> {
    const { socket } = await this.accepted;
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server.close(), 'close');
  }
}

function frame(kind: number, payload: Buffer): Buffer {
  assert.ok(payload.length < 126);
  return Buffer.concat([Buffer.from([kind, payload.length]), payload]);
}

const chunk = (at: number): LogChunk => ({ text: `line ${at}\n`, nextOffset: at + 1 });

test('what arrived before the close is read before the end is told', async () => {
  await using server = new StubSocketServer();
  using socket = await server.open({ authorization: 'Bearer x' });
  await server.send(chunk(0), chunk(1));
  await server.close(1000);
  assert.deepEqual(await socket.next(undefined), chunk(0));
  assert.deepEqual(await socket.next(undefined), chunk(1));
  assert.equal(await socket.next(undefined), 'over');
  const { headers } = (await server.accepted).request;
  assert.deepEqual([headers.authorization, headers.origin], ['Bearer x', undefined]);
});

test('a connection that breaks, is refused, or ends with another code is dropped', async () => {
  await using broken = new StubSocketServer();
  using first = await broken.open();
  await broken.send(chunk(0));
  assert.deepEqual(await first.next(undefined), chunk(0));
  (await broken.accepted).socket.destroy();
  assert.equal(await first.next(undefined), 'dropped');

  await using goingAway = new StubSocketServer();
  using second = await goingAway.open();
  await goingAway.close(1001);
  assert.equal(await second.next(undefined), 'dropped');

  using refused = new LogSocket('ws://127.0.0.1:1/', {});
  assert.equal(await refused.next(undefined), 'dropped');
});

test('a reader who falls behind is cut off, and what it was given is without a gap', async () => {
  await using server = new StubSocketServer();
  using socket = await server.open();
  await server.send(...Array.from({ length: 500 }, (_, at) => chunk(at)));
  await server.clientLeft();
  const read: LogChunk[] = [];
  let next = await socket.next(undefined);
  for (; typeof next !== 'string'; next = await socket.next(undefined)) read.push(next);
  assert.equal(next, 'behind');
  assert.ok(read.length < 500);
  assert.deepEqual(
    read,
    read.map((_, at) => chunk(at)),
  );
});

test('an aborted signal ends the waiting, and the connection is left to its owner', async () => {
  await using server = new StubSocketServer();
  const leaving = new AbortController();
  {
    using socket = await server.open();
    await server.accepted;
    const waiting = socket.next(leaving.signal);
    leaving.abort(new Error('enough'));
    await assert.rejects(waiting, { message: 'enough' });
  }
  await server.clientLeft();
});
