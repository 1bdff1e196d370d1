/** Reads the parts of a request that more than one route has, and checks them. */
import { badRequest, checkSubmissionId, WireError } from '@heddle/api';
import { quote } from '@heddle/base';
import type { Context, HonoRequest } from 'hono';
import type { LogRange } from './job-service.ts';
import { SERVER_LIMITS } from './options.ts';

/** The job that a path names. @throws InvalidSubmissionIdError */
export function submissionIdOf(c: Context): string {
  const id = c.req.param('id');
  checkSubmissionId(id);
  return id;
}

/** @throws WireError 400 for a body that is no JSON in UTF-8, 413 for one beyond the limit. */
export async function jsonBody(c: Context): Promise<unknown> {
  const bytes = await readBody(c.req);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); // A command is run as it was sent, or not.
  } catch {
    throw badRequest('request body is not valid JSON');
  }
}

/** A declared length is believed before a byte is read; a body without one is counted as it comes. */
async function readBody(request: HonoRequest): Promise<Uint8Array> {
  if (Number(request.header('content-length') ?? 0) > SERVER_LIMITS.bodyBytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > SERVER_LIMITS.bodyBytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (): WireError =>
  new WireError(413, 'BODY_TOO_LARGE', `The body is larger than ${SERVER_LIMITS.bodyBytesMax} bytes`);

/** A query parameter that counts something; undefined if it is not there. @throws WireError 400 */
export function countOf(c: Context, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`Cannot use ${name} ${quote(text)}: expected an integer of 0 or more`);
  return Number(text);
}

/** Which part of a log a query asks for. @throws WireError 400 */
export function logRangeOf(c: Context): LogRange {
  const [offset, limit, tail] = [countOf(c, 'offset'), countOf(c, 'limit'), countOf(c, 'tail')];
  if (limit !== undefined && tail !== undefined)
    throw badRequest(`Cannot read a log with both tail ${tail} and limit ${limit}: give one of them`);
  return {
    ...(offset !== undefined && { offset }),
    ...(limit !== undefined && { limit }),
    ...(tail !== undefined && { tail }),
  };
}
