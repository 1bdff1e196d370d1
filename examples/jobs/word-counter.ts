import { readFile } from 'node:fs/promises';
import { remote } from 'heddle';

/** Counts words of files in its own thread, and keeps the totals between calls. */
export const WordCounter = remote(
  import.meta,
  class WordCounter {
    readonly #counts = new Map<string, number>();

    async addFile(file: string): Promise<number> {
      const words = (await readFile(file, 'utf8')).toLowerCase().match(/[a-z]{4,}/g) ?? [];
      for (const word of words) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
      return words.length;
    }

    totals(): ReadonlyMap<string, number> {
      return this.#counts;
    }
  },
);
