/**
 * A crawler: a pool of fetchers, an indexer behind a queue with a limit, and a site of its own to crawl.
 *
 *   node --conditions=heddle-source examples/crawler/main.ts
 *
 * Two things bound it. The pool bounds the requests that the site gets at once. The queue bounds what was fetched and not
 * indexed yet: while it is full the crawler takes no more results, and the fetchers get no more work.
 */
import { type ActorHandle, ActorPool, init, Queue } from 'heddle';
import { Fetcher, Indexer, type Page } from './actors.ts';
import { Site } from './site.ts';

const PAGES = 120;
const FETCHERS = 3;
const QUEUE_MAX = 8;

await using site = await Site.open(PAGES);
await using _runtime = await init({ workers: 2 });

const queue = new Queue<Page | null>({ maxSize: QUEUE_MAX });
const indexing = Indexer.remote().run.remote(queue);
const pool = new ActorPool(Array.from({ length: FETCHERS }, () => Fetcher.remote()));
const fetchPage = (fetcher: ActorHandle<typeof Fetcher>, url: string) => fetcher.fetch.remote(url);

const seen = new Set<string>();
visit(new URL('/1', site.url).href);
while (pool.hasNext()) {
  const page = (await pool.getNextUnordered()) as Page;
  await queue.put(page); // Waits while the queue is full.
  page.links.forEach(visit);
}
await queue.put(null);

const { pages, broken, mostLinked, mostLinks } = await indexing;
console.log(`${pages} pages, ${broken} broken links`);
console.log(`most linked: ${mostLinked}, from ${mostLinks} pages`);
console.log(`requests at once: ${site.mostAtOnce <= FETCHERS ? `never more than ${FETCHERS}` : site.mostAtOnce}`);

function visit(url: string): void {
  if (seen.has(url)) return;
  seen.add(url);
  pool.submit(fetchPage, url);
}
