/**
 * Fans the counting of words in source files out to actors on worker threads, and prints the most frequent.
 *
 *   node examples/jobs/count-words.ts packages/base/src packages/gcs/src
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { get, init } from 'heddle';
import { WordCounter } from './word-counter.ts';

const ACTORS = 2;
const SHOWN = 5;

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('Usage: node examples/jobs/count-words.ts FOLDER...');
  process.exit(2);
}

await using runtime = await init({ workers: ACTORS });
const counters = Array.from({ length: ACTORS }, () => WordCounter.remote());
const files = (await Promise.all(folders.map(listFiles))).flat();
const words = await get(files.map((file, index) => counters[index % ACTORS]!.addFile.remote(file)));
const threads = new Set(runtime.listActors().map((actor) => actor.threadId)).size;

const totals = new Map<string, number>();
for (const counts of await get(counters.map((counter) => counter.totals.remote()))) {
  for (const [word, count] of counts) totals.set(word, (totals.get(word) ?? 0) + count);
}
const top = [...totals].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, SHOWN);
console.log(
  `${files.length} files, ${words.reduce((sum, count) => sum + count, 0)} words, ${ACTORS} actors on ${threads} threads`,
);
for (const [word, count] of top) console.log(`${word} ${count}`);

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
