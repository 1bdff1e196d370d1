/**
 * Notices that a log has grown: by the file system's notifications, and where there are none (network
 * mounts, no watch left to have) by looking every 100 ms while someone tails.
 */
import { watch } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Clock } from '@heddle/base';

export const LOG_POLL_MS = 100;

/** File systems whose changes may be made by another machine, of which no notification arrives here. */
const REMOTE_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9P
  0x65735546, // FUSE
  0x00c36400, // Ceph
]);

/** How growth is noticed. Public so that a test can ask for either. */
export type LogWatchKind = 'notification' | 'polling';

/** Calls `onGrowth` after each growth of `file`, perhaps more often, until it is disposed. The file must exist. */
export async function watchLog(
  file: string,
  onGrowth: () => void,
  clock: Clock,
  kind?: LogWatchKind,
): Promise<Disposable> {
  return (kind ?? (await kindFor(file))) === 'notification' ? notified(file, onGrowth, clock) : polled(onGrowth, clock);
}

async function kindFor(file: string): Promise<LogWatchKind> {
  const { type } = await statfs(file).catch(() => ({ type: 0 }));
  return REMOTE_FILE_SYSTEMS.has(type >>> 0) ? 'polling' : 'notification';
}

const polled = (onGrowth: () => void, clock: Clock): Disposable =>
  clock.every(LOG_POLL_MS, onGrowth, { background: true });

function notified(file: string, onGrowth: () => void, clock: Clock): Disposable {
  let watching: Disposable = { [Symbol.dispose]() {} };
  const fallBack = () => {
    watching[Symbol.dispose]();
    watching = polled(onGrowth, clock);
    onGrowth(); // What was written between the two is not missed.
  };
  try {
    const watcher = watch(file, { persistent: false }, onGrowth).on('error', fallBack);
    watching = { [Symbol.dispose]: () => watcher.close() };
  } catch {
    fallBack(); // The user's limit of watches is reached, or the platform has none.
  }
  return { [Symbol.dispose]: () => watching[Symbol.dispose]() };
}
