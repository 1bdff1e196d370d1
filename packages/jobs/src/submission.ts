/**
 * A submission: its defaults, and the one place where it is checked. Everything below trusts what comes out.
 */
import { isAbsolute } from 'node:path';
import {
  checkSubmissionId,
  findWorkingDirProblem,
  type JobSubmission,
  LOG_LIMIT_POLICIES,
  type RuntimeEnv,
  STOP_SIGNALS,
  type StopSignal,
} from '@heddle/api';
import {
  checkBoolean,
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  type IntegerRange,
  quote,
} from '@heddle/base';
import type { Environment } from './environment.ts';
import type { JobRequest } from './job-record.ts';
import { checkAmounts, checkStrings, checkText, withNul } from './option-checks.ts';
import { RETRY_DELAY_MAX_MS } from './retry.ts';

/** A job as it is asked for, and the hook that holds it back. */
export interface JobSubmitOptions extends JobSubmission {
  /**
   * A hook for tests, as Ray's `_start_signal_actor`: the job stays PENDING until this settles. It holds back
   * nobody else, and it is not durable: after a crash of the daemon the job waits for its turn only.
   */
  readonly startSignal?: PromiseLike<unknown> | undefined;
}

const SUBMIT_OPTIONS: readonly (keyof JobSubmitOptions)[] = [
  'entrypoint',
  'submissionId',
  'metadata',
  'runtimeEnv',
  'workingDirectory',
  'gracePeriodMs',
  'stopSignal',
  'entrypointNumCpus',
  'entrypointNumGpus',
  'entrypointMemory',
  'entrypointResources',
  'timeoutMs',
  'startTimeoutMs',
  'maxRetries',
  'retryDelayMs',
  'fateSharing',
  'logLimitBytes',
  'logLimitPolicy',
  'priority',
  'ifNotExists',
  'startSignal',
];

const DAY_MS = 24 * 60 * 60 * 1000;
const GRACE_MS_MAX = DAY_MS;
const RETRY_DELAY_MS = 1_000;

const RANGES = {
  priority: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
  timeoutMs: { min: 1, max: 365 * DAY_MS },
  startTimeoutMs: { min: 1, max: 365 * DAY_MS },
  maxRetries: { min: 0, max: 1_000 },
  retryDelayMs: { min: 0, max: RETRY_DELAY_MAX_MS },
} as const satisfies Readonly<Partial<Record<keyof JobSubmission, IntegerRange>>>;

/** What a submission is made with where it says nothing. */
export interface SubmissionDefaults {
  readonly submissionId: () => string;
  readonly workingDirectory: string;
  readonly gracePeriodMs: number;
  /** The daemon's limit of a log: no job may ask for more. */
  readonly logBytesMax: number;
}

const ACTION = 'submit a job';

/** @throws InvalidSubmissionIdError, TypeError, RangeError; each quotes what it refuses. */
export function resolveSubmission(given: JobSubmitOptions, defaults: SubmissionDefaults): JobRequest {
  checkKnown(ACTION, given, SUBMIT_OPTIONS);
  checkCommand('entrypoint', given.entrypoint);
  if (given.ifNotExists !== undefined) checkBoolean(ACTION, 'ifNotExists', given.ifNotExists);
  const submissionId = given.submissionId ?? defaults.submissionId();
  checkSubmissionId(submissionId);
  checkStrings(ACTION, 'metadata', given.metadata ?? {});
  checkRuntimeEnv(given.runtimeEnv ?? {});
  const workingDirectory = given.workingDirectory ?? defaults.workingDirectory;
  checkWorkingDirectory(workingDirectory);
  checkNumbers(given);
  checkLogLimit(given, defaults.logBytesMax);
  if (given.fateSharing !== undefined) checkBoolean(ACTION, 'fateSharing', given.fateSharing);
  return toRequest(given, { submissionId, workingDirectory, gracePeriodMs: defaults.gracePeriodMs });
}

/** What was checked, as the record keeps it. */
function toRequest(
  given: JobSubmitOptions,
  resolved: Pick<JobRequest, 'submissionId' | 'workingDirectory' | 'gracePeriodMs'>,
): JobRequest {
  const envVars = given.runtimeEnv?.envVars ?? {};
  return {
    submissionId: resolved.submissionId,
    entrypoint: given.entrypoint,
    metadata: given.metadata ?? null,
    runtimeEnv: given.runtimeEnv ?? null,
    workingDirectory: resolved.workingDirectory,
    stopSignal: resolveStopSignal(given.stopSignal, envVars),
    gracePeriodMs: resolveGrace(given.gracePeriodMs, envVars, resolved.gracePeriodMs),
    priority: given.priority ?? 0,
    timeoutMs: given.timeoutMs ?? null,
    startTimeoutMs: given.startTimeoutMs ?? null,
    maxRetries: given.maxRetries ?? 0,
    retryDelayMs: given.retryDelayMs ?? RETRY_DELAY_MS,
    fateSharing: given.fateSharing ?? false,
    logLimitBytes: given.logLimitBytes ?? null,
    logLimitPolicy: given.logLimitPolicy ?? null,
    entrypointNumCpus: given.entrypointNumCpus ?? null,
    entrypointNumGpus: given.entrypointNumGpus ?? null,
    entrypointMemory: given.entrypointMemory ?? null,
    entrypointResources: given.entrypointResources ?? null,
  };
}

function checkWorkingDirectory(directory: string): void {
  checkText(ACTION, 'workingDirectory', directory);
  if (!isAbsolute(directory))
    throw new RangeError(`Cannot ${ACTION} with workingDirectory ${quote(directory)}: expected an absolute path`);
}

function checkNumbers(given: JobSubmitOptions): void {
  for (const name of ['entrypointNumCpus', 'entrypointNumGpus', 'entrypointMemory'] as const)
    if (given[name] !== undefined) checkNumber(ACTION, name, given[name], { min: 0 });
  checkAmounts(ACTION, 'entrypointResources', given.entrypointResources ?? {});
  for (const [name, range] of Object.entries(RANGES) as [keyof typeof RANGES, IntegerRange][])
    if (given[name] !== undefined) checkInteger(ACTION, name, given[name], range);
}

function checkLogLimit(given: JobSubmitOptions, bytesMax: number): void {
  const { logLimitBytes, logLimitPolicy } = given;
  if (logLimitBytes !== undefined) checkInteger(ACTION, 'logLimitBytes', logLimitBytes, { min: 1, max: bytesMax });
  if (logLimitPolicy !== undefined) checkOneOf(ACTION, 'logLimitPolicy', logLimitPolicy, LOG_LIMIT_POLICIES);
}

/** Ray reads these two from the job's environment; anything but SIGINT means SIGTERM there. */
function resolveStopSignal(given: StopSignal | undefined, env: Environment): StopSignal {
  if (given !== undefined) checkOneOf(ACTION, 'stopSignal', given, STOP_SIGNALS);
  return given ?? (env.RAY_JOB_STOP_SIGNAL === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
}

function resolveGrace(given: number | undefined, env: Environment, defaultMs: number): number {
  if (given !== undefined) checkInteger(ACTION, 'gracePeriodMs', given, { min: 0, max: GRACE_MS_MAX });
  const asked = Number(env.RAY_JOB_STOP_WAIT_TIME_S ?? Number.NaN) * 1000;
  const fromEnv = asked >= 0 ? Math.min(Math.round(asked), GRACE_MS_MAX) : undefined;
  return given ?? fromEnv ?? defaultMs;
}

function checkCommand(name: string, command: unknown): void {
  if (!Array.isArray(command)) {
    checkText(ACTION, name, command);
    return;
  }
  for (const word of command) {
    checkString(ACTION, name, word);
    if (word.includes('\0')) throw withNul(ACTION, name, word);
  }
  if (command.length === 0 || command[0] === '')
    throw new RangeError(`Cannot ${ACTION} with ${name} ${quote(command)}: expected the program first`);
}

function checkRuntimeEnv(runtimeEnv: RuntimeEnv): void {
  const { envVars = {}, workingDir, setup, setupTimeoutMs } = runtimeEnv;
  checkKnown(`${ACTION} with a runtimeEnv`, runtimeEnv, [
    'envVars',
    'workingDir',
    'setup',
    'setupTimeoutMs',
    'eagerInstall',
  ]);
  checkStrings(ACTION, 'runtimeEnv.envVars', envVars);
  checkVariables(envVars);
  if (workingDir !== undefined) checkWorkingDir(workingDir);
  if (setup !== undefined) checkCommand('runtimeEnv.setup', setup);
  if (setupTimeoutMs !== undefined)
    checkInteger(ACTION, 'runtimeEnv.setupTimeoutMs', setupTimeoutMs, { min: 1, max: DAY_MS });
}

function checkWorkingDir(workingDir: unknown): void {
  checkString(ACTION, 'runtimeEnv.workingDir', workingDir);
  const problem = findWorkingDirProblem(workingDir);
  if (problem !== undefined)
    throw new RangeError(`Cannot ${ACTION} with runtimeEnv.workingDir ${quote(workingDir)}: it ${problem}`);
}

/** The kernel's environment is a list of NUL-terminated "NAME=value". */
function checkVariables(envVars: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(envVars)) {
    if (name === '' || name.includes('='))
      throw new RangeError(`Cannot ${ACTION} with the environment variable ${quote(name)}: it cannot have that name`);
    if (name.includes('\0') || value.includes('\0')) throw withNul(ACTION, `runtimeEnv.envVars.${name}`, value);
  }
}
