/** A route that becomes a WebSocket which follows a log. An unknown job is a 404 before the upgrade. */
import { type LogChunk, WireError } from '@heddle/api';
import { upgradeWebSocket } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { WebSocket } from 'ws';
import type { LogTails } from './log-tails.ts';
import type { Readiness } from './readiness.ts';
import { submissionIdOf } from './request-parts.ts';

/** `offsetOf` says where the request wants to begin; `toFrames` what is sent for a piece of the log. */
export function tailRoute(
  readiness: Readiness,
  tails: LogTails,
  offsetOf: (c: Context) => number,
  toFrames: (chunk: LogChunk) => Iterable<string>,
): MiddlewareHandler {
  return async (c, next) => {
    const id = submissionIdOf(c);
    const offset = offsetOf(c);
    const jobs = readiness.jobs();
    await jobs.getJobInfo(id);
    if (c.req.header('upgrade')?.toLowerCase() !== 'websocket')
      throw new WireError(400, 'UPGRADE_REQUIRED', 'This route is a WebSocket');
    const follow = (signal: AbortSignal) => jobs.tailJobLogChunks(id, { offset, signal });
    const upgrade = upgradeWebSocket(() => ({
      onOpen: (_event, { raw }) => tails.start(raw as WebSocket, { follow, toFrames }),
    }));
    return upgrade(c, next);
  };
}
