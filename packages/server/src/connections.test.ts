import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { Connections } from './connections.ts';

/** A connection of a client, and its end. */
interface Client {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
}

/** A server that takes `max` connections. `/held` is answered when the test says so; an upgrade is taken. */
class ConnectionsHarness implements AsyncDisposable {
  readonly held: ServerResponse[] = [];
  readonly #clients: Client[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;

  private constructor(max: number) {
    const shouldUpgradeCallback = ({ socket }: IncomingMessage) => {
      connections.keep(socket);
      return true;
    };
    this.#server = createServer({ shouldUpgradeCallback }, (request, response) => {
      if (request.url === '/held') this.held.push(response);
      else response.end('ok');
    });
    this.#server.on('upgrade', (_request, socket) => {
      socket.resume();
      socket.on('end', () => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const connections = new Connections(this.#server, max);
  }

  static async open(max: number): Promise<ConnectionsHarness> {
    const harness = new ConnectionsHarness(max);
    harness.#server.listen(0, '127.0.0.1');
    await once(harness.#server, 'listening');
    return harness;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A connection on which `text` was sent, taken by the server or refused. */
  async connect(text = ''): Promise<Client> {
    const met = once(this.#server, 'connection');
    const socket = connect(this.#port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {}); // It may be cut.
    this.#clients.push({ socket, closed });
    await met;
    socket.write(text);
    return { socket, closed };
  }

  async ask(path = '/'): Promise<string> {
    const request = get({ port: this.#port, path, agent: this.#agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += chunk;
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const { socket } of this.#clients) socket.destroy();
    await Promise.all(this.#clients.map((client) => client.closed));
    await closed;
  }
}

test('X5: sockets that never finish a request take the places of one another, and a normal request is answered', async () => {
  await using harness = await ConnectionsHarness.open(4);
  const slow: Client[] = [];
  for (let n = 0; n < 40; n++) {
    const text =
      n % 2 === 0 ? 'GET / HTTP/1.1\r\nHost: loc' : 'POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{';
    slow.push(await harness.connect(text));
  }
  for (const { closed, socket } of slow.slice(0, 36)) {
    socket.resume();
    await closed;
  }
  assert.equal(await harness.ask(), 'ok');
  for (let n = 0; n < 10; n++) await harness.connect();
  assert.equal(await harness.ask(), 'ok');
});

test('X5: one whose request is being answered, and a WebSocket, keep their places', async () => {
  await using harness = await ConnectionsHarness.open(2);
  const answer = harness.ask('/held');
  const upgraded = await harness.connect('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  await once(upgraded.socket, 'data');
  while (harness.held.length === 0) await new Promise(setImmediate);
  const late = await harness.connect();
  late.socket.resume();
  await late.closed; // All places are taken by others who have asked.
  assert.equal(upgraded.socket.destroyed, false);
  harness.held[0]!.end('held');
  assert.equal(await answer, 'held');
});
