/**
 * A log as the body of an answer, in pieces: whatever its length, one piece is in memory, and the reader sets the
 * pace. As bytes, exactly as the job wrote them; or as the string in Ray's `{"logs": "…"}`, as the WHATWG decoder
 * turns the whole.
 */
import type { JobLogsAnswer } from '@heddle/api';

const encoder = new TextEncoder();

export const toByteStream = (log: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => ReadableStream.from(log);

export const toLogsAnswerStream = (log: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> =>
  ReadableStream.from(toLogsAnswer(log));

/** The text of a `JobLogsAnswer`. A character that lies across two pieces is escaped whole. */
async function* toLogsAnswer(log: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const [before, after] = JSON.stringify({ logs: '' } satisfies JobLogsAnswer).split('""') as [string, string];
  yield encoder.encode(`${before}"`);
  for await (const piece of log) yield toEscaped(decoder.decode(piece, { stream: true }));
  yield toEscaped(decoder.decode());
  yield encoder.encode(`"${after}`);
}

const toEscaped = (text: string): Uint8Array => encoder.encode(JSON.stringify(text).slice(1, -1));
