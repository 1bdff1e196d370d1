/**
 * The files of one launcher, in a folder named after its protocol, so that launchers of two versions can stand
 * side by side while the older one's jobs come to their ends:
 *
 *   v1/lock           held while a launcher lives (`held-lock.ts`; `lock.holder` beside it names it)
 *   v1/socket         where it listens
 *   v1/journal        what it has claimed and seen (`journal.tmp` while it is rewritten)
 *   v1/groups         where the control groups of its attempts are (`group-roots.ts`)
 *   v1/launcher.log   what went wrong, one JSON object a line; removed when empty
 *
 * All of it is the owner's alone. An idle launcher removes all of it, but for a journal that still says something.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROTOCOL } from './protocol.ts';

export interface LauncherHome {
  readonly directory: string;
  readonly lock: string;
  readonly socket: string;
  readonly journal: string;
  readonly groups: string;
  readonly log: string;
}

/** The home of a launcher that speaks `protocol`, in `directory`. */
export function launcherHome(directory: string, protocol: number = PROTOCOL): LauncherHome {
  const home = join(directory, `v${protocol}`);
  return {
    directory: home,
    lock: join(home, 'lock'),
    socket: join(home, 'socket'),
    journal: join(home, 'journal'),
    groups: join(home, 'groups'),
    log: join(home, 'launcher.log'),
  };
}

export function makeLauncherHome(home: LauncherHome): void {
  mkdirSync(home.directory, { recursive: true, mode: 0o700 });
}
