import { remote } from 'heddle';

export interface Dictionary {
  readonly words: string[];
}

export const Reader = remote(
  import.meta,
  class Reader {
    count(dictionary: Dictionary): number {
      return dictionary.words.length;
    }

    scribble(dictionary: Dictionary): number {
      return dictionary.words.push('scribble');
    }
  },
);
