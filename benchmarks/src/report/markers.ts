/** Puts generated text into a document between two comments, and leaves the rest alone. Pure. */

/** @throws Error when the document has no such pair of markers. */
export function replaceBetween(document: string, name: string, content: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`Cannot write section "${name}": the document has no markers ${start} … ${end}`);
  return `${document.slice(0, from + start.length)}\n\n${content.trim()}\n\n${document.slice(to)}`;
}
