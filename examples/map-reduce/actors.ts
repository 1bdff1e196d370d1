import { readFile } from 'node:fs/promises';
import { remote } from 'heddle';

export type Counts = ReadonlyMap<string, number>;

/**
 * Map: the words of a file, counted, in as many parts as there are reducers. A word always falls into the same part,
 * whatever file it is from, so that one reducer sees all of it. Called with `numReturns`, each part gets its own ref.
 */
export const mapFile = remote(import.meta, async function mapFile(file: string, parts: number): Promise<Counts[]> {
  const counts = Array.from({ length: parts }, () => new Map<string, number>());
  for (const word of (await readFile(file, 'utf8')).toLowerCase().match(/\p{L}{3,}/gu) ?? []) {
    const part = counts[hash(word) % parts]!;
    part.set(word, (part.get(word) ?? 0) + 1);
  }
  return counts;
});

/** Reduce: the same part of every file, added up. Its arguments come straight from the mappers. */
export const reducePart = remote(import.meta, function reducePart(...parts: Counts[]): Counts {
  const totals = new Map<string, number>();
  for (const [word, count] of parts.flatMap((part) => [...part])) totals.set(word, (totals.get(word) ?? 0) + count);
  return totals;
});

/** FNV-1a. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) value = Math.imul(value ^ word.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
