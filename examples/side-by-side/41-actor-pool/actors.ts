import { remote } from 'heddle';

export const Translator = remote(
  import.meta,
  class Translator {
    translate(word: string): string {
      if (word === 'cat') throw new Error(`no word for ${word}`);
      return word.toUpperCase();
    }
  },
);
