/**
 * What a machine can do for jobs, judged from what was found on it. Pure.
 *
 *   ok        as it should be
 *   note      works, with a limit that one should know of
 *   problem   jobs would be lost, left behind, or cannot run: `advice` says what to do
 */
import type { LauncherLook } from '@heddle/launcher';
import { FREE_BYTES_LOW } from './problems.ts';

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly level: 'ok' | 'note' | 'problem';
  readonly fact: string;
  readonly advice?: string;
}

export interface DoctorFacts {
  /** As in "26.10.0". */
  readonly nodeVersion: string;
  readonly platform: string;
  /** Whether processes can be found in `/proc`. */
  readonly hasProc: boolean;
  readonly groups: { readonly canMake: boolean; readonly reason: string };
  readonly directory: DirectoryFacts;
  readonly launchers: readonly LauncherLook[];
  readonly systemd: SystemdFacts;
  /** What became of an orphan that has ended: whether its new parent, pid 1 mostly, has reaped it. */
  readonly orphan: 'reaped' | 'left' | 'unknown';
}

export interface DirectoryFacts {
  readonly path: string;
  readonly isThere: boolean;
  readonly isOurs: boolean;
  /** Why it cannot be written, or made. */
  readonly writeFailure: string | undefined;
  /** The file system's, or undefined where that cannot be told. */
  readonly kind: string | undefined;
  readonly freeBytes: number | undefined;
}

export interface SystemdFacts {
  readonly isInit: boolean;
  /** The unit in which we run. */
  readonly unit: string | undefined;
  /** The unit's, where they could be asked for. */
  readonly killMode: string | undefined;
  readonly delegate: string | undefined;
}

const NODE_MAJOR_MIN = 24;
/** Others see what is written there: locks and notifications may not work. */
const NETWORK_KINDS = ['nfs', 'smb', 'cifs', '9p', 'fuse', 'ceph', 'afs'];
const PASSING_KINDS = ['tmpfs', 'ramfs'];

export const judgeMachine = (facts: DoctorFacts): Finding[] => [
  judgeNode(facts),
  judgeProc(facts),
  judgeContainment(facts),
  judgeDirectory(facts.directory),
  judgeRoom(facts.directory),
  judgeLauncher(facts.launchers),
  judgeSystemd(facts.systemd),
  judgeReaping(facts),
];

function judgeNode({ nodeVersion }: DoctorFacts): Finding {
  const check = 'Node';
  if (Number.parseInt(nodeVersion, 10) >= NODE_MAJOR_MIN) return { check, level: 'ok', fact: `version ${nodeVersion}` };
  const advice = `install Node ${NODE_MAJOR_MIN} or later`;
  return { check, level: 'problem', fact: `version ${nodeVersion} is too old`, advice };
}

function judgeProc({ platform, hasProc }: DoctorFacts): Finding {
  const check = '/proc';
  if (hasProc) return { check, level: 'ok', fact: 'processes are found in it' };
  if (platform === 'win32')
    return { check, level: 'problem', fact: 'Windows has none: jobs cannot run here', advice: 'use WSL' };
  const fact = 'there is none: a stop reaches the process group and descendants, and leftovers are not swept';
  return { check, level: 'note', fact };
}

function judgeContainment({ groups }: DoctorFacts): Finding {
  const check = 'containment';
  if (groups.canMake) return { check, level: 'ok', fact: `cgroup: ${groups.reason}` };
  const fact = `marker: no control group can be made (${groups.reason}), so a process that hides well enough is not found`;
  return { check, level: 'note', fact, advice: 'run as root, or in a delegated group (systemd: Delegate=yes)' };
}

function judgeDirectory({ path, isThere, isOurs, writeFailure, kind }: DirectoryFacts): Finding {
  const check = 'directory';
  const what = `${path}${isThere ? '' : ' (not there yet)'}`;
  if (!isOurs)
    return { check, level: 'problem', fact: `${what} belongs to another user`, advice: 'name one with --directory' };
  if (writeFailure !== undefined)
    return {
      check,
      level: 'problem',
      fact: `${what} cannot be written: ${writeFailure}`,
      advice: 'name another with --directory',
    };
  const fact = `${what} can be written${kind === undefined ? '' : `, on ${kind}`}`;
  if (PASSING_KINDS.includes(kind ?? ''))
    return { check, level: 'note', fact: `${fact}: what is kept there goes with the next boot` };
  if (NETWORK_KINDS.includes(kind ?? ''))
    return { check, level: 'note', fact: `${fact}: locks there must work, and following a log polls` };
  return { check, level: 'ok', fact };
}

function judgeRoom({ freeBytes }: DirectoryFacts): Finding {
  const check = 'room';
  if (freeBytes === undefined) return { check, level: 'note', fact: 'nobody knows how much is free' };
  const fact = `${Math.floor(freeBytes / 2 ** 20)} MiB are free`;
  if (freeBytes >= FREE_BYTES_LOW) return { check, level: 'ok', fact };
  return { check, level: 'problem', fact, advice: `make room: ${FREE_BYTES_LOW / 2 ** 20} MiB at least` };
}

function judgeLauncher(launchers: readonly LauncherLook[]): Finding {
  const check = 'launcher';
  if (launchers.length === 0) return { check, level: 'ok', fact: 'none lives here; a daemon starts one' };
  const fact = launchers.map(wordsOf).join('; ');
  const stopped = launchers.find(({ state }) => state === 'stopped');
  if (stopped !== undefined) return { check, level: 'problem', fact, advice: `continue it: kill -CONT ${stopped.pid}` };
  if (launchers.some(({ state }) => state === 'silent'))
    return { check, level: 'problem', fact, advice: 'see launcher.log in the launcher directory' };
  if (launchers.some(({ state }) => state === 'foreign'))
    return { check, level: 'note', fact: `${fact}: it goes on with its jobs, and new ones get a launcher of today` };
  return { check, level: 'ok', fact };
}

function wordsOf({ pid, protocol, state, containment }: LauncherLook): string {
  const tier = containment === undefined ? '' : `, containment by ${containment}`;
  switch (state) {
    case 'answers':
      return `process ${pid} answers, protocol ${protocol}${tier}`;
    case 'silent':
      return `process ${pid} does not answer`;
    case 'stopped':
      return `process ${pid} is stopped (SIGSTOP)`;
    case 'foreign':
      return `process ${pid} speaks protocol ${protocol}, another than this version`;
  }
}

function judgeSystemd({ isInit, unit, killMode, delegate }: SystemdFacts): Finding {
  const check = 'systemd';
  if (unit === undefined) {
    if (!isInit) return { check, level: 'ok', fact: 'it is not what runs this machine' };
    const fact = 'a unit ends launcher and jobs with itself unless it has KillMode=process';
    return { check, level: 'note', fact, advice: 'use the unit that "heddle doctor" prints' };
  }
  if (killMode === undefined)
    return { check, level: 'note', fact: `this runs in ${unit}, which must have KillMode=process` };
  if (killMode !== 'process') {
    const fact = `${unit} has KillMode=${killMode}: when it stops, launcher and jobs are killed with it`;
    return { check, level: 'problem', fact, advice: 'set KillMode=process, and Delegate=yes' };
  }
  const fact = `${unit} has KillMode=process`;
  if (delegate === 'yes') return { check, level: 'ok', fact: `${fact} and Delegate=yes` };
  return { check, level: 'note', fact, advice: 'set Delegate=yes too, for control groups' };
}

function judgeReaping({ orphan }: DoctorFacts): Finding {
  const check = 'pid 1';
  if (orphan === 'reaped') return { check, level: 'ok', fact: 'orphans that end are reaped' };
  if (orphan === 'unknown') return { check, level: 'note', fact: 'whether orphans are reaped cannot be told here' };
  const advice = 'start the container with an init that reaps, as in docker run --init';
  return { check, level: 'problem', fact: 'an orphan that had ended was not reaped: zombies pile up', advice };
}

/** A unit with which a daemon may be stopped and upgraded while its jobs run on. */
export const toUnit = (directory: string): string => `[Unit]
Description=Heddle: durable jobs and actors
After=network.target

[Service]
# The absolute path of the heddle command, and of the node that it needs in PATH.
ExecStart=/usr/local/bin/heddle start --directory ${directory}
# Only the daemon is ended with the unit: launcher and jobs go on, and the next daemon takes them over.
KillMode=process
# Lets the launcher make a control group for each job.
Delegate=yes
Restart=on-failure
TimeoutStopSec=10

[Install]
WantedBy=multi-user.target
`;
