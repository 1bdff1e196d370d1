import { type Queue, remote } from 'heddle';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly title: string;
  /** Absolute, as they stand on the page. */
  readonly links: readonly string[];
}

/** Fetches and takes apart one page at a time. */
export const Fetcher = remote(
  import.meta,
  class Fetcher {
    /** Not `async`, so that an actor has one request at a time: the size of the pool is the limit for the site. */
    fetch(url: string): Promise<Page> {
      return fetchPage(url);
    }
  },
);

async function fetchPage(url: string): Promise<Page> {
  const response = await fetch(url);
  const html = await response.text();
  const links = [...html.matchAll(/<a href="([^"]+)">/g)].map(([, href]) => new URL(href!, url).href);
  return { url, status: response.status, title: /<title>(.*)<\/title>/.exec(html)?.[1] ?? '', links };
}

export interface Index {
  readonly pages: number;
  readonly broken: number;
  readonly mostLinked: string;
  readonly mostLinks: number;
}

/** Takes pages from a queue, one at a time, until the end of it. Slower than the fetchers, as indexers are. */
export const Indexer = remote(
  import.meta,
  class Indexer {
    async run(queue: Queue<Page | null>): Promise<Index> {
      const links = new Map<string, number>();
      let [pages, broken] = [0, 0];
      for (let page = await queue.get(); page !== null; page = await queue.get()) {
        if (page.status === 200) pages++;
        else broken++;
        for (const link of page.links) links.set(link, (links.get(link) ?? 0) + 1);
      }
      const [mostLinked = '', mostLinks = 0] =
        [...links].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))[0] ?? [];
      return { pages, broken, mostLinked: new URL(mostLinked).pathname, mostLinks };
    }
  },
);
