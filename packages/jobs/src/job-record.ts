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
 * Every `with…` gives undefined where the status no longer allows the change: the first terminal status stands.
 */
import {
  canBecome,
  DEFAULT_JOB_MESSAGES,
  isTerminal,
  type JobErrorType,
  type JobInfo,
  type JobStatus,
  type RuntimeEnv,
  type StopSignal,
} from '@heddle/api';
import type { Exited, KillReport, Started } from '@heddle/launcher';
import { toDemand } from './amounts.ts';
import { type Entrypoint, toCommandText } from './entrypoint.ts';
import { driverExitCode, type Outcome } from './outcome.ts';

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
  readonly stopRequestedAtMs: number | null;
  /** What the stop did, if it had to do anything. */
  readonly stopReport: KillReport | null;
  /** What the leader ended with, if anybody saw it. */
  readonly exit: Exited | null;
  readonly endedAtMs: number | null;
}

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
    stopRequestedAtMs: null,
    stopReport: null,
    exit: null,
    endedAtMs: null,
  };
}

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
  };
}

/** The first request counts: the grace runs from it. */
export function withStopRequest(record: JobRecord, requestedAtMs: number): JobRecord | undefined {
  if (isTerminal(record.status)) return undefined;
  return { ...record, stopRequestedAtMs: record.stopRequestedAtMs ?? requestedAtMs };
}

/** The end. `atMs` is for an end that nobody saw: otherwise the launcher's time counts. */
export function withOutcome(
  record: JobRecord,
  outcome: Outcome & { readonly message: string },
  facts: { readonly process: Started | null; readonly stopReport: KillReport | null; readonly atMs: number },
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
    endedAtMs: outcome.exit?.endedAtMs ?? facts.atMs,
  };
}

/** What a job's record tells the outside. `logBytes` is for a job whose end has not said how long its log is. */
export function toJobInfo(record: JobRecord, logBytes: number): JobInfo {
  const { process, exit } = record;
  return {
    submissionId: record.submissionId,
    status: record.status,
    entrypoint: toCommandText(record.entrypoint),
    message: record.message,
    errorType: record.errorType,
    submittedAtMs: record.submittedAtMs,
    startTime: process?.startedAtMs ?? null,
    endTime: record.endedAtMs,
    metadata: record.metadata,
    runtimeEnv: record.runtimeEnv,
    workingDirectory: record.workingDirectory,
    driverExitCode: record.status === 'STOPPED' ? null : driverExitCode(exit),
    exitCode: exit?.code ?? null,
    signal: exit?.signal ?? null,
    driverPid: process?.pid ?? null,
    supervisorActorId: record.supervisorActorId,
    supervisorRestarts: record.supervisorRestarts,
    attempt: record.attempt,
    priority: record.priority,
    resources: toDemand(record),
    logBytes: exit?.logBytes ?? logBytes,
    logStartOffset: process?.logStartOffset ?? 0,
    stopReport: record.stopReport,
  };
}
