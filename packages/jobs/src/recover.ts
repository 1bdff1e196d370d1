/**
 * Takes over every job that an earlier manager left unfinished: what `JobManager.open` does first.
 *
 * The manager only sorts. A job that certainly never ran goes back into the line in its old order; a living
 * supervisor is adopted as it is; every other job is given a new supervisor, whose first turn applies the same
 * table to the same facts and acts on it.
 */
import { isTerminal, type RecoveryCounts } from '@heddle/api';
import { type Clock, delay } from '@heddle/base';
import type { LauncherClient, PidSpace } from '@heddle/launcher';
import type { JobQueue } from './job-queue.ts';
import type { JobEntry } from './job-records.ts';
import { toMark } from './launch-request.ts';
import type { MarkedProcessScan } from './marked-processes.ts';
import { judgeRecovery, type RecoveryAction, toLauncherWord } from './recovery.ts';
import type { Supervisors } from './supervisors.ts';

type Counts = Omit<RecoveryCounts, 'durationMs'>;

export interface RecoveryParts {
  readonly entries: readonly JobEntry[];
  readonly identity: string;
  readonly launcher: Pick<LauncherClient, 'reports'>;
  readonly processes: Pick<MarkedProcessScan, 'find'>;
  readonly here: PidSpace;
  readonly supervisors: Pick<Supervisors, 'living' | 'adopt' | 'start' | 'untilTakenUp'>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** A supervisor that has not taken its job up by then goes on trying; the manager does not wait for it. */
const TAKE_UP_MS = 15_000;

export async function recoverJobs(parts: RecoveryParts): Promise<RecoveryCounts> {
  const startedMs = parts.clock.monotonicMs();
  const { entries, supervisors, queue } = parts;
  const unfinished = entries.filter((entry) => !isTerminal(entry.value.status));
  const living = new Set(supervisors.living().map((supervisor) => supervisor.submissionId));
  const judge = await judgeWith(parts, unfinished.length > 0);
  const counts = { adopted: 0, settled: 0, queued: 0, lost: 0 };
  const takenUp: Promise<void>[] = [];

  for (const entry of unfinished) {
    const { submissionId } = entry.value;
    if (living.has(submissionId) && (await supervisors.adopt(submissionId))) {
      counts.adopted += 1;
      queue.hold(entry);
      continue;
    }
    const decision = judge(entry);
    counts[countOf(decision)] += 1;
    if (decision.action === 'queue') {
      queue.add(entry, false);
    } else {
      queue.hold(entry);
      supervisors.start(entry.value);
      takenUp.push(supervisors.untilTakenUp(submissionId));
    }
  }

  const patience = new AbortController();
  await Promise.race([Promise.all(takenUp), delay(parts.clock, TAKE_UP_MS, patience.signal).catch(() => {})]);
  patience.abort();
  return { ...counts, durationMs: parts.clock.monotonicMs() - startedMs };
}

/** The witnesses, all asked once for all jobs. */
async function judgeWith(parts: RecoveryParts, isNeeded: boolean): Promise<(entry: JobEntry) => RecoveryAction> {
  const marks = new Map<string, number>();
  for (const { mark } of isNeeded ? await parts.processes.find() : []) marks.set(mark, (marks.get(mark) ?? 0) + 1);
  const reports = new Map((await parts.launcher.reports()).map((report) => [report.attemptId, report]));
  return ({ value: record }) => {
    const marked = marks.get(toMark(parts.identity, record.attemptId)) ?? 0;
    return judgeRecovery(record, toLauncherWord(reports.get(record.attemptId)), { marked }, parts.here);
  };
}

function countOf(decision: RecoveryAction): keyof Counts {
  if (decision.action === 'queue') return 'queued';
  if (decision.action === 'refuse' || decision.action === 'share-fate') return 'settled';
  if (decision.action !== 'settle') return 'adopted';
  const { errorType } = decision.outcome;
  return errorType === 'JOB_PROCESS_LOST' || errorType === 'JOB_HOST_RESTARTED' ? 'lost' : 'settled';
}
