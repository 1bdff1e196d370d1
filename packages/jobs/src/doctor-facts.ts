/** What `heddle doctor` finds on a machine. Starts nothing that stays, changes nothing that is there. */
import { existsSync } from 'node:fs';
import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, delay } from '@heddle/base';
import { lookAtLaunchers, probeControlGroups } from '@heddle/launcher';
import type { DirectoryFacts, DoctorFacts, SystemdFacts } from './doctor-judge.ts';
import { statePathsOf } from './state-directory.ts';

/** The numbers by which `statfs` names file systems. */
const KINDS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  2035054128: 'overlay',
  26985: 'nfs',
  4266872130: 'smb',
  4283649346: 'cifs',
  16914839: '9p',
  1702057286: 'fuse',
  12805120: 'ceph',
  1397113167: 'afs',
};

const COMMAND_MS = 2_000;
const REAP_MS = 2_000;
const LOOK_MS = 20;

/** `directory`: the state directory, absolute; it need not be there. */
export async function findFacts(directory: string, clock: Clock): Promise<DoctorFacts> {
  const hasProc = existsSync('/proc/self/stat');
  const [directoryFacts, launchers, systemd, orphan] = await Promise.all([
    findDirectory(directory),
    lookAtLaunchers(statePathsOf(directory).launcher, clock),
    findSystemd(),
    hasProc ? watchOrphan(clock) : ('unknown' as const),
  ]);
  return {
    nodeVersion: process.versions.node,
    platform: process.platform,
    hasProc,
    groups: probeControlGroups(),
    directory: directoryFacts,
    launchers,
    systemd,
    orphan,
  };
}

/** Where it is not there yet, the nearest directory above it is looked at. */
async function findDirectory(path: string): Promise<DirectoryFacts> {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const isThere = at === path;
  const [found, kind, refusal] = await Promise.all([
    stat(at),
    statfs(at).catch(() => undefined),
    access(at, constants.W_OK | constants.X_OK).then(
      () => undefined,
      (error: Error) => error.message,
    ),
  ]);
  return {
    path,
    isThere,
    isOurs: !isThere || process.getuid === undefined || found.uid === process.getuid(),
    writeFailure: found.isDirectory() ? refusal : `"${at}" is not a directory`,
    kind: kind && (KINDS[kind.type] ?? `file system 0x${kind.type.toString(16)}`),
    freeBytes: kind && kind.bavail * kind.bsize,
  };
}

async function findSystemd(): Promise<SystemdFacts> {
  const isInit = existsSync('/run/systemd/system');
  const group = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const units = [...group.matchAll(/\/([^/\n]+\.service)(?=\/|$)/gm)].map(([, unit]) => unit!);
  const unit = units.findLast((name) => !name.startsWith('user@'));
  const ofUser = units.some((name) => name.startsWith('user@'));
  if (unit === undefined) return { isInit, unit, killMode: undefined, delegate: undefined };
  const words = ['show', ...(ofUser ? ['--user'] : []), '--property', 'KillMode,Delegate', unit];
  const stdout = await read('systemctl', words);
  const propertyOf = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(stdout)?.[1];
  return { isInit, unit, killMode: propertyOf('KillMode'), delegate: propertyOf('Delegate') };
}

/** What a command prints; nothing if it fails. Loaded here: whoever only opens a job manager starts no commands. */
async function read(command: string, words: readonly string[]): Promise<string> {
  const { execa } = await import('execa');
  const { stdout } = await execa(command, words, { reject: false, timeout: COMMAND_MS, stdin: 'ignore' });
  return stdout ?? '';
}

/** Makes an orphan that ends at once, and looks for it as long as its new parent may take. */
async function watchOrphan(clock: Clock): Promise<DoctorFacts['orphan']> {
  const pid = Number.parseInt(await read('/bin/sh', ['-c', 'sleep 0.01 </dev/null >/dev/null 2>&1 & echo $!']), 10);
  if (!(pid > 0)) return 'unknown';
  const deadlineMs = clock.monotonicMs() + REAP_MS;
  while (existsSync(`/proc/${pid}`)) {
    if (clock.monotonicMs() > deadlineMs) return 'left';
    await delay(clock, LOOK_MS);
  }
  return 'reaped';
}
