/**
 * Cuts a log into the text frames that Ray's clients expect: at most ten lines, and at most 20,000
 * characters, so that a longer line is split. Pure. Nothing is lost or added: the frames joined are the text.
 */
export const FRAME_LINES_MAX = 10;
export const FRAME_CHARS_MAX = 20_000;

export function* toFrames(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length; ) {
    const end = frameEnd(text, start);
    yield text.slice(start, end);
    start = end;
  }
}

function frameEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + FRAME_CHARS_MAX);
  let end = start;
  for (let lines = 0; lines < FRAME_LINES_MAX; lines++) {
    const newline = text.indexOf('\n', end);
    if (newline === -1 || newline >= limit) return wholeCharacters(text, limit);
    end = newline + 1;
  }
  return end;
}

/** `end`, or one less where it would cut a surrogate pair in two: half of one cannot be sent as UTF-8. */
function wholeCharacters(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  const isCut = end < text.length && last >= 0xd800 && last < 0xdc00;
  return isCut ? end - 1 : end;
}
