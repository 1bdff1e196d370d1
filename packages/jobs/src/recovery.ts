/**
 * What to do about a job whose supervisor begins, or begins again: after a submission, after the death of a
 * thread, of the daemon, of the launcher or of the machine. Pure, and the only place where it is decided.
 *
 * Three witnesses, each believed only about what it can know:
 *
 *   the record     what was promised: the job exists, it was RUNNING, a stop was asked for
 *   the launcher   what was done: it alone spawns, and the parent of a process alone learns its exit code
 *   the processes  what is there now, each verified by the mark in its environment
 *
 *   record                        launcher              processes        action                               row
 *   PENDING                       knows nothing         none             queue; with a stop request: refuse     1
 *   PENDING, RUNNING              claimed               –                await the launcher's word              2
 *   PENDING                       spawn failed          –                FAILED, start error                    3
 *   PENDING, RUNNING              started               alive            adopt                                  4
 *   PENDING, RUNNING              exited                –                the exit's outcome                     5
 *   RUNNING                       exited                leftovers        the same, then kill them               6
 *   RUNNING, PENDING claimed      gone                  leftovers        kill, FAILED JOB_PROCESS_LOST          7
 *   the same                      gone                  none, same boot  FAILED JOB_PROCESS_LOST                8
 *   the same                      gone, another boot    –                FAILED JOB_HOST_RESTARTED, no signal   9
 *   stop requested, time over     any                   alive            go on ending it, then STOPPED, FAILED 10
 *   terminal, or none             any                   marked           orphan: kill                          11
 *
 * A durable stop request makes every terminal outcome above STOPPED. A launcher that lives and knows nothing
 * of a job whose process is on record has lost its journal: that is a launcher gone. A RUNNING job without a process
 * on record is between two attempts: nothing is known of the next one, and it is launched. A job that shares its
 * supervisor's fate is ended by the next supervisor instead of adopted.
 */
import { isTerminal } from '@heddle/api';
import type { AttemptReport, Exited, PidSpace, Started } from '@heddle/launcher';
import { type EndCause, endCauseOf } from './end-cause.ts';
import type { JobRecord } from './job-record.ts';
import { type Outcome, outcomeOfExit, outcomeOfFailedStart, outcomeOfLoss, outcomeOfRefusal } from './outcome.ts';

/** What the launcher says of one attempt. `gone`: the launcher that claimed it died, and this is what its journal still says. */
export type LauncherWord =
  | { readonly word: 'nothing' }
  | { readonly word: 'claimed' }
  | { readonly word: 'refused' }
  | { readonly word: 'failed'; readonly failure: string }
  | { readonly word: 'started'; readonly started: Started }
  | { readonly word: 'exited'; readonly started: Started | undefined; readonly exited: Exited }
  | { readonly word: 'gone'; readonly started: Started | undefined };

/** What is there now. */
export interface ProcessFacts {
  /** How many living processes carry this attempt's mark. */
  readonly marked: number;
}

export type RecoveryAction =
  /** It certainly never ran: it waits for its turn, in its old order. A supervisor that has its turn launches it. */
  | { readonly action: 'queue' }
  /** Make a launch impossible, then ask again: only a refusal makes STOPPED true for a job that never ran. */
  | { readonly action: 'refuse' }
  /** The launcher has claimed it and not yet said how that went: it will. */
  | { readonly action: 'await-launcher' }
  /** Between two attempts: the next one is launched. It keeps its place meanwhile. */
  | { readonly action: 'launch-next' }
  /** Its supervisor has died, and it is to die with it: make that durable, then look again. */
  | { readonly action: 'share-fate' }
  /** The process runs under its launcher: the job is RUNNING, with its old start time. */
  | { readonly action: 'adopt'; readonly started: Started }
  /** The process runs and is to end. The launcher knows whether it was signalled, and since when. */
  | { readonly action: 'go-on-stopping'; readonly started: Started }
  /** It is over. `killFirst`: the status may not be shown while those processes live; `killAfter`: the end came first. */
  | {
      readonly action: 'settle';
      readonly outcome: Outcome;
      readonly started: Started | undefined;
      readonly killFirst: boolean;
      readonly killAfter: boolean;
    }
  /** Nothing of it may be alive any more, yet something is. */
  | { readonly action: 'kill-orphans' }
  | { readonly action: 'leave' };

/** Whether the processes must be asked too: a launcher that speaks of a living child of its own is believed. */
export function needsLook(record: JobRecord, { word }: LauncherWord): boolean {
  if (word === 'started' || word === 'claimed' || word === 'refused' || word === 'failed') return false;
  const neverRan = word === 'nothing' && record.process === null && endCauseOf(record) !== undefined;
  return !neverRan;
}

/** `actorId` is the supervisor's who asks, if it is one. */
export function judgeRecovery(
  record: JobRecord | undefined,
  launcher: LauncherWord,
  processes: ProcessFacts,
  here: PidSpace,
  actorId?: string,
): RecoveryAction {
  if (record === undefined || isTerminal(record.status))
    return { action: processes.marked > 0 ? 'kill-orphans' : 'leave' };

  const cause = endCauseOf(record);
  switch (launcher.word) {
    case 'nothing':
      if (record.process !== null || processes.marked > 0) return judgeLoss(record, undefined, processes, here);
      if (cause !== undefined) return { action: 'refuse' };
      return { action: record.status === 'RUNNING' ? 'launch-next' : 'queue' };
    case 'claimed':
      return { action: 'await-launcher' };
    case 'refused':
      return settle(outcomeOfRefusal(cause), undefined);
    case 'failed':
      return settle(outcomeOfFailedStart(cause, launcher.failure), undefined);
    case 'started':
      if (cause !== undefined) return { action: 'go-on-stopping', started: launcher.started };
      return sharesFate(record, actorId) ? { action: 'share-fate' } : { action: 'adopt', started: launcher.started };
    case 'exited':
      return judgeExit(cause, launcher.started, launcher.exited, processes);
    case 'gone':
      return judgeLoss(record, launcher.started, processes, here);
  }
}

/** Another supervisor than this one has had the process in its care. */
const sharesFate = (record: JobRecord, actorId: string | undefined): boolean =>
  record.fateSharing && record.process !== null && record.supervisorActorId !== actorId;

/** The end of a job that was made to end is shown only when the whole tree is gone; an end of the job's own is shown at once. */
function judgeExit(
  cause: EndCause | undefined,
  started: Started | undefined,
  exited: Exited,
  processes: ProcessFacts,
): RecoveryAction {
  const leftovers = processes.marked > 0;
  const isMadeToEnd = cause !== undefined;
  const kills = { killFirst: leftovers && isMadeToEnd, killAfter: leftovers && !isMadeToEnd };
  return settle(outcomeOfExit(cause, exited), started, kills);
}

function judgeLoss(
  record: JobRecord,
  journalled: Started | undefined,
  processes: ProcessFacts,
  here: PidSpace,
): RecoveryAction {
  const started = journalled ?? record.process ?? undefined;
  const elsewhere =
    started !== undefined && (started.bootId !== here.bootId || started.pidNamespace !== here.pidNamespace);
  const outcome = outcomeOfLoss(endCauseOf(record), elsewhere);
  return settle(outcome, started, { killFirst: !elsewhere && processes.marked > 0, killAfter: false });
}

const settle = (
  outcome: Outcome,
  started: Started | undefined,
  kills = { killFirst: false, killAfter: false },
): RecoveryAction => ({ action: 'settle', outcome, started, ...kills });

/** What a report means. `undefined`: a living launcher has none. */
export function toLauncherWord(report: AttemptReport | undefined): LauncherWord {
  if (report === undefined) return { word: 'nothing' };
  if (report.isOrphaned) return { word: 'gone', started: report.started };
  switch (report.phase) {
    case 'claimed':
    case 'refused':
      return { word: report.phase };
    case 'failed':
      return { word: 'failed', failure: report.failure ?? 'the launcher does not say why' };
    case 'started':
      return { word: 'started', started: report.started! };
    case 'exited':
      return { word: 'exited', started: report.started, exited: report.exited! };
  }
}
