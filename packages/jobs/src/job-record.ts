/**
 * What is durably known of a job: the row of the `jobs` table, and the only ways in which it changes. Pure.
 *
 *                1            2
 *   (submit) ──▶ PENDING ──▶ RUNNING ──▶ SUCCEEDED
 *                   │ 3         │ 4  └─▶ FAILED      (5)
 *                   └──▶ STOPPED ◀┘
 *
 * 1. `newJobRecord`, by the manager. 2. `withProcess`: the entrypoint has been spawned. 3, 4. `withOutcome`
 * after `withStopRequest`: the stop was asked for and the process tree is gone. 5. `withOutcome`; FAILED also
 * from PENDING, when the entrypoint could not be started.
 *
 * A failed attempt that is to be made again leaves the status as it is: `withNextAttempt`. Between two attempts
 * a RUNNING job has no process on record.
 *
 * Every `with…` gives undefined where the status no longer allows the change: the first terminal status stands.
 */
import {
  canBecome,
  DEFAULT_JOB_MESSAGES,
  isTerminal,
  type JobErrorType,
  type JobStatus,
  type LogLimitPolicy,
  type PastAttempt,
  type RuntimeEnv,
  type StopSignal,
} from '@heddle/api';
import type { Exited, KillReport, Started } from '@heddle/launcher';
import { toAttemptId } from './attempt-id.ts';
import type { Ending, EndReason } from './end-cause.ts';
import type { Entrypoint } from './entrypoint.ts';
import type { Outcome } from './outcome.ts';
import { judgeRetry, retryMessage } from './retry.ts';

/** What was asked for at submission; it never changes. */
export interface JobRequest {
  readonly submissionId: string;
  readonly entrypoint: Entrypoint;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly runtimeEnv: RuntimeEnv | null;
  readonly workingDirectory: string;
  readonly stopSignal: StopSignal;
  readonly gracePeriodMs: number;
  /** Higher goes first. */
  readonly priority: number;
  /** How long an attempt may run, from its start; null: as long as it takes. */
  readonly timeoutMs: number | null;
  /** How long it may wait, from its submission; null: as long as it takes. */
  readonly startTimeoutMs: number | null;
  readonly maxRetries: number;
  /** The first back-off; each is twice the one before. */
  readonly retryDelayMs: number;
  /** It ends with its supervisor. */
  readonly fateSharing: boolean;
  /** How long its log may become, if it said so; null: as long as the daemon lets it. */
  readonly logLimitBytes: number | null;
  readonly logLimitPolicy: LogLimitPolicy | null;
  /** What the job says it needs, as it said it. */
  readonly entrypointNumCpus: number | null;
  readonly entrypointNumGpus: number | null;
  readonly entrypointMemory: number | null;
  readonly entrypointResources: Readonly<Record<string, number>> | null;
}

export interface JobRecord extends JobRequest {
  readonly status: JobStatus;
  readonly message: string;
  readonly errorType: JobErrorType | null;
  readonly submittedAtMs: number;
  /** Counts from 1. */
  readonly attempt: number;
  /** Names this attempt to the launcher, which starts it at most once, and in the mark of its processes. */
  readonly attemptId: string;
  /** The leader, once it was spawned. */
  readonly process: Started | null;
  readonly supervisorActorId: string | null;
  /** How often a supervisor was put in place again after the first: new thread, new actor or new daemon. */
  readonly supervisorRestarts: number;
  /** When the set-up command of its runtime environment had succeeded. */
  readonly setUpAtMs: number | null;
  /** When the next attempt begins, while there is none; null before and after. */
  readonly retryAtMs: number | null;
  /** How the latest attempts before this one ended. */
  readonly pastAttempts: readonly PastAttempt[];
  readonly stopRequestedAtMs: number | null;
  /** Why this attempt is made to end, other than by a stop. */
  readonly ending: Ending | null;
  /** What the stop did, if it had to do anything. */
  readonly stopReport: KillReport | null;
  /** What the leader ended with, if anybody saw it. */
  readonly exit: Exited | null;
  readonly endedAtMs: number | null;
}

/** Of so many past attempts the end is remembered. */
const PAST_ATTEMPTS_MAX = 10;
/** And so much of what was said of it. */
const PAST_MESSAGE_CHARS = 1_000;

export function newJobRecord(request: JobRequest, attemptId: string, submittedAtMs: number): JobRecord {
  return {
    ...request,
    status: 'PENDING',
    message: DEFAULT_JOB_MESSAGES.PENDING,
    errorType: null,
    submittedAtMs,
    attempt: 1,
    attemptId,
    process: null,
    supervisorActorId: null,
    supervisorRestarts: 0,
    setUpAtMs: null,
    retryAtMs: null,
    pastAttempts: [],
    stopRequestedAtMs: null,
    ending: null,
    stopReport: null,
    exit: null,
    endedAtMs: null,
  };
}

/** What a record that was written before these fields were there means by their absence. */
const ADDED = {
  priority: 0,
  timeoutMs: null,
  startTimeoutMs: null,
  maxRetries: 0,
  retryDelayMs: 0,
  fateSharing: false,
  logLimitBytes: null,
  logLimitPolicy: null,
  setUpAtMs: null,
  retryAtMs: null,
  pastAttempts: [],
  ending: null,
} as const satisfies Partial<JobRecord>;

/** A record as it was stored, by this version or an earlier one. */
export const fromStored = (record: JobRecord): JobRecord =>
  record.pastAttempts === undefined || record.logLimitBytes === undefined ? { ...ADDED, ...record } : record;

/** The entrypoint runs, watched by this supervisor. Also when another supervisor takes over a job that runs. */
export function withProcess(
  record: JobRecord,
  process: Started,
  supervisorActorId: string,
  supervisorRestarts: number,
): JobRecord | undefined {
  if (record.status !== 'RUNNING' && !canBecome(record.status, 'RUNNING')) return undefined;
  return {
    ...record,
    status: 'RUNNING',
    message: DEFAULT_JOB_MESSAGES.RUNNING,
    process,
    supervisorActorId,
    supervisorRestarts,
    retryAtMs: null,
    ending: record.ending?.reason === 'start-timeout' ? null : record.ending, // It has started after all.
  };
}

/** The first request counts: the grace runs from it. */
export function withStopRequest(record: JobRecord, requestedAtMs: number): JobRecord | undefined {
  if (isTerminal(record.status)) return undefined;
  return { ...record, stopRequestedAtMs: record.stopRequestedAtMs ?? requestedAtMs };
}

/** This attempt is made to end. The first reason counts, and a stop outranks every other. */
export function withEnding(record: JobRecord, reason: EndReason, atMs: number): JobRecord | undefined {
  if (isTerminal(record.status) || record.stopRequestedAtMs !== null || record.ending !== null) return undefined;
  if (reason === 'start-timeout' && record.status !== 'PENDING') return undefined;
  return { ...record, ending: { reason, atMs } };
}

/** Its set-up command has succeeded, and is not run again. */
export function withSetUp(record: JobRecord, atMs: number): JobRecord | undefined {
  return isTerminal(record.status) || record.setUpAtMs !== null ? undefined : { ...record, setUpAtMs: atMs };
}

/** What is known of an attempt's end beside its outcome. */
export interface EndingFacts {
  readonly process: Started | null;
  readonly stopReport: KillReport | null;
  /** For an end that nobody saw: otherwise the launcher's time counts. */
  readonly atMs: number;
}

/** The attempt has failed and another follows. Undefined: it was the last, or it was stopped. */
export function withNextAttempt(
  record: JobRecord,
  outcome: Outcome & { readonly message: string },
  facts: EndingFacts,
): JobRecord | undefined {
  const delayMs = judgeRetry(record, outcome);
  if (isTerminal(record.status) || record.stopRequestedAtMs !== null || delayMs === undefined) return undefined;
  const past = toPastAttempt(record, outcome, facts);
  return {
    ...record,
    message: retryMessage(record, outcome.message),
    attempt: record.attempt + 1,
    attemptId: toAttemptId(record.attemptId, record.attempt + 1),
    process: null,
    ending: null,
    retryAtMs: past.endTime + delayMs,
    pastAttempts: [...record.pastAttempts, past].slice(-PAST_ATTEMPTS_MAX),
  };
}

function toPastAttempt(
  record: JobRecord,
  outcome: Outcome & { readonly message: string },
  facts: EndingFacts,
): PastAttempt {
  return {
    attempt: record.attempt,
    startTime: (facts.process ?? record.process)?.startedAtMs ?? null,
    endTime: outcome.exit?.endedAtMs ?? facts.atMs,
    errorType: outcome.errorType,
    message: outcome.message.slice(0, PAST_MESSAGE_CHARS),
    exitCode: outcome.exit?.code ?? null,
    signal: outcome.exit?.signal ?? null,
  };
}

/** The end of the job. */
export function withOutcome(
  record: JobRecord,
  outcome: Outcome & { readonly message: string },
  facts: EndingFacts,
): JobRecord | undefined {
  if (!canBecome(record.status, outcome.status)) return undefined;
  return {
    ...record,
    status: outcome.status,
    message: outcome.message,
    errorType: outcome.errorType,
    process: facts.process ?? record.process,
    stopReport: facts.stopReport,
    exit: outcome.exit,
    retryAtMs: null,
    endedAtMs: outcome.exit?.endedAtMs ?? facts.atMs,
  };
}

/** Whether anything may have been written to its log yet. */
export const mayHaveLog = ({ process, attempt, runtimeEnv, errorType }: JobRecord): boolean =>
  process !== null ||
  attempt > 1 ||
  runtimeEnv?.setup !== undefined ||
  errorType === 'JOB_ENTRYPOINT_COMMAND_START_ERROR'; // Its header line was written first.
