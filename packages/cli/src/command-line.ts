/**
 * From the words of a command line to the entrypoint that a shell is given. Pure.
 *
 * One word is a shell command as it stands: `heddle job submit -- 'sort x | uniq'`. Several are quoted, each
 * where it needs to be, so that the shell finds the same words again; Ray's CLI does that with Python's
 * `shlex.join` (and quotes a single word too).
 */
export const toEntrypoint = (words: readonly string[]): string => (words.length === 1 ? words[0]! : quoteWords(words));

/** Python: `shlex.join`. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');

/** In single quotes a shell takes everything as it is, but a single quote: that one goes into double quotes. */
const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
