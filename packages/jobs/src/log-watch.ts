/**
 * Notices that a log has grown: by the file system's notifications, and where there are none (network
 * mounts, no watch left to have) by looking every 100 ms while someone tails.
 */
import { statfsSync, watch } from 'node:fs';
import { dirname } from 'node:path';
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

/** What the file system of each directory allows, asked once: all logs of a manager are in one. */
const kinds = new Map<string, LogWatchKind>();

/** How growth of this file is noticed, unless somebody asks for a certain way. Its directory must exist. */
export function logWatchKindOf(file: string): LogWatchKind {
  const directory = dirname(file);
  let kind = kinds.get(directory);
  if (kind === undefined) {
    kind = isRemote(directory) ? 'polling' : 'notification';
    if (kinds.size >= KINDS_MAX) kinds.clear();
    kinds.set(directory, kind);
  }
  return kind;
}

const KINDS_MAX = 1000;

function isRemote(directory: string): boolean {
  try {
    return REMOTE_FILE_SYSTEMS.has(statfsSync(directory).type >>> 0);
  } catch {
    return false;
  }
}

/** Calls `onGrowth` after each growth of `file`, perhaps more often, until it is disposed. The file must exist. */
export const watchLog = (file: string, onGrowth: () => void, clock: Clock, kind: LogWatchKind): Disposable =>
  kind === 'notification' ? notified(file, onGrowth, clock) : polled(onGrowth, clock);

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
