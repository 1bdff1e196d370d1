/**
 * Follows a log over connections that may be lost: the text comes once and in order, whatever happens between.
 *
 * After a loss it goes on at the offset it had reached, for as long as the server is back within
 * `patienceMs`; the daemon may have been killed and started again meanwhile.
 */
import type { LogChunk } from '@heddle/api';
import { type Clock, delay } from '@heddle/base';
import type { LogSource } from './log-socket.ts';

export interface FollowOptions {
  /** Opens a connection at a byte offset. */
  readonly connect: (offset: number) => LogSource;
  /** Rejects if the job is unknown or the server cannot be reached. */
  readonly check: () => Promise<unknown>;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly offset: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export async function* followLog(options: FollowOptions): AsyncGenerator<LogChunk, void, void> {
  let offset = options.offset;
  await options.check();
  for (;;) {
    using socket = options.connect(offset);
    let next = await socket.next(options.signal);
    for (; typeof next !== 'string'; next = await socket.next(options.signal)) {
      offset = next.nextOffset;
      yield next;
    }
    if (next === 'over') return;
    if (next === 'dropped') await untilBack(options);
  }
}

/** Resolves when the server answers for the job again; rejects with its refusal, or when patience is over. */
async function untilBack(options: FollowOptions): Promise<void> {
  const endMs = options.clock.monotonicMs() + options.patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    await delay(options.clock, pauseMs, options.signal);
    try {
      await options.check();
      return;
    } catch (error) {
      if (!mayComeBack(error) || options.clock.monotonicMs() >= endMs) throw error;
    }
  }
}

/** A server that is gone may be started again, and one that recovers says so; any other refusal stands. */
function mayComeBack(error: unknown): boolean {
  const { code, details } = error as { readonly code?: unknown; readonly details?: { readonly status?: unknown } };
  return code === 'SERVER_UNREACHABLE' || details?.status === 503;
}
