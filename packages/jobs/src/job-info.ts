/** What a job's record tells the outside. Pure. */
import type { JobInfo } from '@heddle/api';
import { toDemand } from './amounts.ts';
import { toCommandText } from './entrypoint.ts';
import type { JobRecord } from './job-record.ts';
import { driverExitCode } from './outcome.ts';

/** `logBytes` is for a job whose end has not said how long its log is. */
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
    pastAttempts: record.pastAttempts,
    retryTime: record.retryAtMs,
    maxRetries: record.maxRetries,
    timeoutMs: record.timeoutMs,
    startTimeoutMs: record.startTimeoutMs,
    fateSharing: record.fateSharing,
    priority: record.priority,
    resources: toDemand(record),
    logLimitBytes: record.logLimitBytes,
    logLimitPolicy: record.logLimitPolicy,
    logBytes: exit?.logBytes ?? logBytes,
    logStartOffset: process?.logStartOffset ?? 0,
    stopReport: record.stopReport,
  };
}
