/**
 * A disk that fails: the K-th write or sync of a daemon and its launcher, while a job is accepted, runs and ends, is
 * answered with EIO or ENOSPC by `strace`, with no hook in the code.
 *
 * What must hold: a job whose id was returned is known afterwards, ran once and has its exact end; a job that could not
 * be accepted was refused with words that say why; and a daemon on a healthy disk recovers from whatever is there.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { delay, realClock } from '@heddle/base';
import { Fleet, kill } from './fleet.ts';

export interface DiskFault {
  readonly call: 'pwrite64' | 'fdatasync' | 'fsync';
  readonly error: 'EIO' | 'ENOSPC';
  /** Which of these calls fails, in each thread that makes them. */
  readonly when: number;
}

/** What became of one fault. */
export interface DiskFaultResult {
  /** It hit nothing: the cycle has fewer such calls. */
  readonly hits: number;
  /** Why the job was not accepted. */
  readonly refusal: string | undefined;
}

const CYCLE_MS = 8_000;
const LOOK_MS = 20;

/** Why these tests cannot run here, or undefined. */
export function findObstacle(): string | undefined {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=fsync', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing ? 'strace is not installed (Debian: apt-get install strace)' : 'strace may not trace here';
  }
}

/** One job from its submission to its end, with one fault on the way; then a healthy daemon, and the oracle. */
export async function runWithFault(fault: DiskFault): Promise<DiskFaultResult> {
  await using fleet = await Fleet.open();
  await fleet.startDaemon(); // Its files are made: what fails is the work.
  await fleet.endDaemon();

  const trace = join(fleet.directory, 'trace');
  const traced = fleet.beginDaemon({}, tracerOf(fault, fleet.directory, trace));
  const refusal = await cycle(fleet, traced.ready);
  kill(-traced.pid);
  await traced.ended;

  await fleet.startDaemon();
  await fleet.check();
  return { hits: readFileSync(trace, 'latin1').split('(INJECTED)').length - 1, refusal };
}

function tracerOf({ call, error, when }: DiskFault, directory: string, trace: string): string[] {
  const state = join(directory, 'state');
  const files = ['state.db', 'state.db-wal', 'launcher/v1/journal', 'launcher/v1/journal.tmp'];
  return [
    'strace',
    '-f',
    '-qq',
    ...['-o', trace],
    ...files.flatMap((file) => ['-P', join(state, file)]),
    ...['-e', `trace=${call}`],
    ...['-e', `inject=${call}:error=${error}:when=${when}`],
  ];
}

/** Gives why the job was not accepted. Whatever fails is the subject: the oracle says whether it may. */
async function cycle(fleet: Fleet, ready: ReturnType<Fleet['beginDaemon']>['ready']): Promise<string | undefined> {
  try {
    fleet.took(await ready);
  } catch {
    return 'the daemon did not come up';
  }
  let id: string;
  try {
    id = await fleet.submit({ lines: 2, pauseMs: 5, end: 3 });
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /^Cannot .+: .+/, 'a refusal says what could not be done, and why');
    return message;
  }
  const deadlineMs = realClock.monotonicMs() + CYCLE_MS;
  while (realClock.monotonicMs() < deadlineMs) {
    const info = await fleet.daemon.info(id).catch(() => undefined);
    if (info === undefined || info.endTime !== null) break; // Over; or its daemon cannot say any more.
    await delay(realClock, LOOK_MS);
  }
  return undefined;
}

/** Each write and each sync of the cycle, one after the other, with each error. Gives whether everything held. */
export async function runDiskFaults(say: (line: string) => void): Promise<boolean> {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    say(`disk faults are skipped: ${obstacle}`);
    return true;
  }
  let faults = 0;
  for (const error of ['EIO', 'ENOSPC'] as const) {
    for (const call of ['pwrite64', 'fdatasync', 'fsync'] as const) {
      for (let when = 1; ; when++) {
        const name = `${error} at ${call} ${when}`;
        try {
          const { hits, refusal } = await runWithFault({ call, error, when });
          if (hits === 0) break;
          faults += hits;
          say(`${name}: holds${refusal === undefined ? '' : `; refused: ${refusal}`}`);
        } catch (failure) {
          say(`${name} FAILS: ${failure instanceof Error ? failure.stack : failure}`);
          return false;
        }
      }
    }
  }
  say(`${faults} faults of the disk: nothing acknowledged was lost`);
  return true;
}
