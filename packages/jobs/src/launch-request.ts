/** From a job's record to what the launcher is asked to do. Pure. */
import type { ContainmentChoice, LaunchRequest, LogLimit } from '@heddle/launcher';
import { toSetUpId } from './attempt-id.ts';
import { type Entrypoint, toArgv } from './entrypoint.ts';
import { type Environment, jobEnvironment } from './environment.ts';
import type { JobRecord } from './job-record.ts';
import { toLogHeader, toSetUpHeader } from './log-header.ts';
import type { Workspace } from './workspace.ts';

/** What of the daemon goes into every launch. */
export interface LaunchSettings {
  /** The random identity of the state directory: the first half of every mark. */
  readonly identity: string;
  /** Where the logs are. */
  readonly logDirectory: string;
  /** What jobs inherit. */
  readonly inherited: Environment;
  /** How long a log may become, and what happens then; missing: there is no limit. */
  readonly logLimit?: Pick<LogLimit, 'bytes' | 'policy'> | undefined;
  /** What is to hold a job's processes together; missing: the mark in their environment. */
  readonly containment?: ContainmentChoice | undefined;
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

/** The entrypoint. `isInLine`: the log ends within a line of what was written before. */
export function toLaunchRequest(
  record: JobRecord,
  settings: LaunchSettings,
  workspace: Workspace,
  isInLine: boolean,
): LaunchRequest {
  const command = { attemptId: record.attemptId, entrypoint: record.entrypoint, header: toLogHeader(record) };
  return toRequest(record, settings, workspace, { ...command, header: (isInLine ? '\n' : '') + command.header });
}

/** What goes before it. The record must have a set-up command. */
export function toSetUpRequest(record: JobRecord, settings: LaunchSettings, workspace: Workspace): LaunchRequest {
  const attemptId = toSetUpId(record.attemptId);
  const entrypoint = record.runtimeEnv!.setup!;
  return toRequest(record, settings, workspace, { attemptId, entrypoint, header: toSetUpHeader(record) });
}

function toRequest(
  record: JobRecord,
  settings: LaunchSettings,
  workspace: Workspace,
  command: { readonly attemptId: string; readonly entrypoint: Entrypoint; readonly header: string },
): LaunchRequest {
  const { containment } = settings;
  const logLimit = toLogLimit(record, settings);
  const marker = toMark(settings.identity, command.attemptId);
  const modules = workspace.isAsked ? workspace.directory : undefined;
  return {
    attemptId: command.attemptId,
    jobId: record.submissionId,
    argv: toArgv(command.entrypoint),
    cwd: workspace.directory,
    env: jobEnvironment(settings.inherited, record, marker, modules),
    marker,
    logFile: toLogFile(settings.logDirectory, record.submissionId),
    logHeader: command.header,
    ...(containment !== undefined && { containment }),
    ...(logLimit !== undefined && { logLimit }),
  };
}

/** What the job has asked for, as far as this daemon lets it. */
function toLogLimit(record: JobRecord, { logLimit }: LaunchSettings): LogLimit | undefined {
  const { logLimitBytes, logLimitPolicy, stopSignal, gracePeriodMs: graceMs } = record;
  const bytes = Math.min(logLimitBytes ?? Number.POSITIVE_INFINITY, logLimit?.bytes ?? Number.POSITIVE_INFINITY);
  if (bytes === Number.POSITIVE_INFINITY) return undefined;
  return { bytes, policy: logLimitPolicy ?? logLimit?.policy ?? 'truncate', stopSignal, graceMs };
}
