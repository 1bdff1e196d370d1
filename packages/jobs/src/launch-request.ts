/** From a job's record to what the launcher is asked to do. Pure. */
import type { LaunchRequest } from '@heddle/launcher';
import { toArgv } from './entrypoint.ts';
import { type Environment, jobEnvironment } from './environment.ts';
import type { JobRecord } from './job-record.ts';
import { toLogHeader } from './log-header.ts';

/** What of the daemon goes into every launch. */
export interface LaunchSettings {
  /** The random identity of the state directory: the first half of every mark. */
  readonly identity: string;
  /** Where the logs are. */
  readonly logDirectory: string;
  /** What jobs inherit. */
  readonly inherited: Environment;
}

/** The value of HEDDLE_JOB_MARK in the environment of every process of this attempt. */
export const toMark = (identity: string, attemptId: string): string => `${identity}:${attemptId}`;

/** What every mark of this directory begins with. */
export const toMarkPrefix = (identity: string): string => `${identity}:`;

/** The attempt whose mark this is; undefined for a mark of another directory. */
export const toAttemptIdOfMark = (identity: string, mark: string): string | undefined =>
  mark.startsWith(toMarkPrefix(identity)) ? mark.slice(toMarkPrefix(identity).length) : undefined;

/** A submission id is a safe file name by its rule. */
export const toLogFile = (logDirectory: string, submissionId: string): string => `${logDirectory}/${submissionId}.log`;

/** Why the job's environment cannot be made, or undefined. */
export function findSetupProblem(record: JobRecord): string | undefined {
  const workingDir = record.runtimeEnv?.workingDir;
  if (workingDir?.startsWith('gcs://')) return `Package ${workingDir} does not exist`;
  return undefined;
}

/** `isInLine`: the log ends within a line of what an earlier attempt wrote. */
export function toLaunchRequest(record: JobRecord, settings: LaunchSettings, isInLine = false): LaunchRequest {
  const mark = toMark(settings.identity, record.attemptId);
  return {
    attemptId: record.attemptId,
    jobId: record.submissionId,
    argv: toArgv(record.entrypoint),
    cwd: record.runtimeEnv?.workingDir ?? record.workingDirectory,
    env: jobEnvironment(settings.inherited, record, mark),
    marker: mark,
    logFile: toLogFile(settings.logDirectory, record.submissionId),
    logHeader: toLogHeader(record, isInLine),
  };
}
