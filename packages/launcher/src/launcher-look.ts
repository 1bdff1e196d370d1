/** Looks at the launchers of a directory without starting one, and without asking them anything but who they are. */
import { readdirSync } from 'node:fs';
import type { Clock } from '@heddle/base';
import type { Containment } from './attempt.ts';
import { connectTo, Greeting } from './connecting.ts';
import { readLockHolder } from './held-lock.ts';
import { launcherHome } from './launcher-home.ts';
import { isStopped } from './process-table.ts';
import { commonProtocol, type Hello, MIN_PROTOCOL, PROTOCOL } from './protocol.ts';

const ANSWER_MS = 5_000;

/** A launcher that lives. */
export interface LauncherLook {
  readonly pid: number;
  /** Its folder's: the newest that it speaks. */
  readonly protocol: number;
  /** `foreign`: there is no protocol that both speak; its jobs are adopted by its journal. `stopped`: by SIGSTOP. */
  readonly state: 'answers' | 'silent' | 'stopped' | 'foreign';
  /** What it gives attempts that ask for `auto`, where it says so. */
  readonly containment?: Containment;
}

/** All that hold the lock of their folder, of whatever protocol. None where there is no such directory. */
export async function lookAtLaunchers(directory: string, clock: Clock): Promise<LauncherLook[]> {
  const looks = protocolsIn(directory).map(async (protocol): Promise<LauncherLook | undefined> => {
    const home = launcherHome(directory, protocol);
    const pid = readLockHolder(home.lock);
    if (pid === undefined) return undefined;
    const hello = isStopped(pid) ? undefined : await greet(home.socket, clock);
    if (readLockHolder(home.lock) !== pid) return undefined; // It has just ended.
    if (hello === undefined) return { pid, protocol, state: isStopped(pid) ? 'stopped' : 'silent' };
    const ours = { protocol: PROTOCOL, minProtocol: MIN_PROTOCOL };
    const state = commonProtocol(ours, hello) === undefined ? 'foreign' : 'answers';
    return { pid, protocol, state, ...(hello.containment !== undefined && { containment: hello.containment }) };
  });
  return (await Promise.all(looks)).filter((look) => look !== undefined);
}

async function greet(file: string, clock: Clock): Promise<Hello | undefined> {
  const socket = await connectTo(file).catch(() => undefined);
  if (socket === undefined) return undefined;
  const greeting = new Greeting(socket, { received: () => {}, closed: () => {} });
  using _patience = clock.after(ANSWER_MS, () => greeting.tick());
  const hello = await greeting.next();
  greeting.socket.destroy();
  return typeof hello === 'string' ? undefined : hello;
}

function protocolsIn(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => /^v(\d{1,6})$/.exec(name)?.slice(1).map(Number) ?? []);
  } catch {
    return [];
  }
}
