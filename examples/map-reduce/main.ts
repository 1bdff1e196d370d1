/**
 * Map-reduce over real text: the words of this repository's documentation, counted by tasks.
 *
 *   node --conditions=heddle-source examples/map-reduce/main.ts [FOLDER]
 *
 * Prints how many words and different words there are, and the most frequent ones.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { get, init } from 'heddle';
import { mapFile, reducePart } from './actors.ts';

const REDUCERS = 3;
const SHOWN = 5;

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs', import.meta.url));
const entries = await readdir(folder, { withFileTypes: true, recursive: true });
const files = entries
  .filter((entry) => entry.isFile() && /\.(md|txt)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

await using _runtime = await init();
// The shuffle: row by row what one mapper made, column by column what one reducer takes. Only refs are moved here.
const mapped = files.map((file) => mapFile.options({ numReturns: REDUCERS }).remote(file, REDUCERS));
const reduced = Array.from({ length: REDUCERS }, (_, part) => reducePart.remote(...mapped.map((row) => row[part]!)));

const counts = (await get(reduced)).flatMap((part) => [...part]);
const words = counts.reduce((sum, [, count]) => sum + count, 0);
console.log(`${files.length} files, ${words} words, ${counts.length} different ones`);
counts.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
for (const [word, count] of counts.slice(0, SHOWN)) console.log(`${word} ${count}`);
