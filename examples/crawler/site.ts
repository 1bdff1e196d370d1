/**
 * A small site to crawl, served on a free port of this machine: page `n` links to pages `2n` and `2n + 1`, to its parent,
 * and every tenth page to one that does not exist. It counts how many requests it answers at once.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const ANSWER_MS = 2;

export class Site implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #load: { now: number; most: number };

  private constructor(server: Server, load: { now: number; most: number }) {
    this.#server = server;
    this.#load = load;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(pages: number): Promise<Site> {
    const load = { now: 0, most: 0 };
    const server = createServer(async ({ url }, response) => {
      load.most = Math.max(load.most, ++load.now);
      await delay(ANSWER_MS);
      const page = Number(url?.slice(1));
      if (Number.isInteger(page) && page >= 1 && page <= pages) response.end(render(page, pages));
      else response.writeHead(404).end('no such page');
      load.now--;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Site(server, load);
  }

  /** How many requests it has had at once at most. */
  get mostAtOnce(): number {
    return this.#load.most;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function render(page: number, pages: number): string {
  const links = [2 * page, 2 * page + 1, Math.floor(page / 2)].filter((other) => other >= 1 && other <= pages);
  if (page % 10 === 0) links.push(pages + page);
  const anchors = links.map((other) => `<a href="/${other}">page ${other}</a>`).join('\n');
  return `<title>Page ${page}</title>\n${anchors}\n`;
}
