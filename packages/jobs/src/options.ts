/**
 * The options of the job manager and of a submission: their defaults, and the one place where they are
 * checked. Everything below trusts what comes out of here.
 */
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Runtime } from '@heddle/actors';
import { checkSubmissionId, type JobSubmission, type StopSignal } from '@heddle/api';
import {
  type Clock,
  checkBoolean,
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  type IdSource,
  type Logger,
  quote,
  randomIds,
  realClock,
  silentLogger,
  wrongType,
} from '@heddle/base';
import type { Environment } from './environment.ts';
import type { JobRequest } from './job-record.ts';

/** Options of `JobManager.open`. Only `directory` must be given. */
export interface JobManagerOptions {
  /** The state directory; made if it is not there. One manager at a time may use it. */
  readonly directory: string;
  /** Where the supervisors live. Given: it stays the caller's, and so do the supervisors. Default: one of the manager's own. */
  readonly runtime?: Runtime | undefined;
  /** How many jobs run at once; the rest wait in order. Default: 8 for each processor. */
  readonly maxRunningJobs?: number | undefined;
  /** How long a stopped job may take to end before it is killed. Default 3,000 ms. */
  readonly gracePeriodMs?: number | undefined;
  /** How often every supervisor is pinged. Default 1,000 ms. */
  readonly pingPeriodMs?: number | undefined;
  /** How long an answer may take. Default 5,000 ms. */
  readonly pingTimeoutMs?: number | undefined;
  /** How many pings in a row may be missed before a supervisor is called unreachable. Default 3. */
  readonly pingThreshold?: number | undefined;
  /** How long the launcher outlives its last job and its last daemon. Default 5,000 ms. */
  readonly launcherIdleMs?: number | undefined;
  /** How often orphans are looked for. Default 30,000 ms. */
  readonly sweepPeriodMs?: number | undefined;
  /** How many finished jobs are remembered; beyond it the oldest are deleted. Default 10,000. */
  readonly retainedJobs?: number | undefined;
  /** Names of variables that jobs inherit beside the allow-list. */
  readonly passEnv?: readonly string[] | undefined;
  /** What jobs inherit from. Default: the environment of this process. */
  readonly environment?: Environment | undefined;
  /** Where jobs start that do not say where. Default: the directory of this process. */
  readonly workingDirectory?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly ids?: IdSource | undefined;
  readonly logger?: Logger | undefined;
}

export type ResolvedJobManagerOptions = {
  readonly [Name in Exclude<keyof JobManagerOptions, 'runtime'>]-?: Exclude<JobManagerOptions[Name], undefined>;
} & { readonly runtime: Runtime | undefined };

export const DEFAULT_JOB_MANAGER_OPTIONS = {
  gracePeriodMs: 3_000,
  pingPeriodMs: 1_000,
  pingTimeoutMs: 5_000,
  pingThreshold: 3,
  launcherIdleMs: 5_000,
  sweepPeriodMs: 30_000,
  retainedJobs: 10_000,
} as const;

/** Jobs at once for each processor, unless told otherwise. */
const JOBS_PER_PROCESSOR = 8;

const MANAGER_OPTIONS: readonly (keyof JobManagerOptions)[] = [
  'directory',
  'runtime',
  'maxRunningJobs',
  'gracePeriodMs',
  'pingPeriodMs',
  'pingTimeoutMs',
  'pingThreshold',
  'launcherIdleMs',
  'sweepPeriodMs',
  'retainedJobs',
  'passEnv',
  'environment',
  'workingDirectory',
  'clock',
  'ids',
  'logger',
];

/** @throws TypeError for an unknown option or a wrong type, RangeError for a value out of range; both quote it. */
export function resolveJobManagerOptions(given: JobManagerOptions): ResolvedJobManagerOptions {
  const action = 'open a job manager';
  checkKnown(action, given, MANAGER_OPTIONS);
  const options = {
    ...DEFAULT_JOB_MANAGER_OPTIONS,
    runtime: undefined,
    maxRunningJobs: availableParallelism() * JOBS_PER_PROCESSOR,
    passEnv: [],
    environment: process.env,
    workingDirectory: process.cwd(),
    clock: realClock,
    ids: randomIds,
    logger: silentLogger,
    ...withoutUndefined(given),
  };
  checkText(action, 'directory', options.directory);
  checkText(action, 'workingDirectory', options.workingDirectory);
  checkInteger(action, 'maxRunningJobs', options.maxRunningJobs, { min: 1 });
  checkInteger(action, 'gracePeriodMs', options.gracePeriodMs, { min: 0 });
  checkInteger(action, 'pingPeriodMs', options.pingPeriodMs, { min: 1 });
  checkInteger(action, 'pingTimeoutMs', options.pingTimeoutMs, { min: 1 });
  checkInteger(action, 'pingThreshold', options.pingThreshold, { min: 1 });
  checkInteger(action, 'launcherIdleMs', options.launcherIdleMs, { min: 0 });
  checkInteger(action, 'sweepPeriodMs', options.sweepPeriodMs, { min: 1 });
  checkInteger(action, 'retainedJobs', options.retainedJobs, { min: 0 });
  if (!Array.isArray(options.passEnv)) throw wrongType(action, 'passEnv', options.passEnv, 'a list of names');
  for (const name of options.passEnv) checkString(action, 'passEnv', name);
  return options;
}

/** A job as it is asked for, and the hook that holds it back. */
export interface JobSubmitOptions extends JobSubmission {
  /**
   * A hook for tests, as Ray's `_start_signal_actor`: the job stays PENDING until this settles. It holds back
   * nobody else, and it is not durable: after a crash of the daemon the job waits for its turn only.
   */
  readonly startSignal?: PromiseLike<unknown> | undefined;
  /** With a `submissionId` that is taken: gives that id instead of failing, so that a submission may be repeated. */
  readonly ifNotExists?: boolean | undefined;
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
  'startSignal',
  'ifNotExists',
];

const GRACE_MS_MAX = 24 * 60 * 60 * 1000;

/** What a submission is made with where it says nothing. */
export interface SubmissionDefaults {
  readonly submissionId: () => string;
  readonly workingDirectory: string;
  readonly gracePeriodMs: number;
}

/** @throws InvalidSubmissionIdError, TypeError, RangeError; each quotes what it refuses. */
export function resolveSubmission(given: JobSubmitOptions, defaults: SubmissionDefaults): JobRequest {
  const action = 'submit a job';
  checkKnown(action, given, SUBMIT_OPTIONS);
  checkEntrypoint(action, given.entrypoint);
  if (given.ifNotExists !== undefined) checkBoolean(action, 'ifNotExists', given.ifNotExists);
  const submissionId = given.submissionId ?? defaults.submissionId();
  checkSubmissionId(submissionId);
  checkStrings(action, 'metadata', given.metadata ?? {});
  const envVars = given.runtimeEnv?.envVars ?? {};
  checkKnown(`${action} with a runtimeEnv`, given.runtimeEnv ?? {}, ['envVars', 'workingDir']);
  checkStrings(action, 'runtimeEnv.envVars', envVars);
  checkVariables(action, envVars);
  const workingDirectory = given.workingDirectory ?? defaults.workingDirectory;
  checkText(action, 'workingDirectory', workingDirectory);
  if (!isAbsolute(workingDirectory))
    throw new RangeError(
      `Cannot ${action} with workingDirectory ${quote(workingDirectory)}: expected an absolute path`,
    );
  for (const name of ['entrypointNumCpus', 'entrypointNumGpus', 'entrypointMemory'] as const)
    if (given[name] !== undefined) checkNumber(action, name, given[name], { min: 0 });
  for (const [name, amount] of Object.entries(given.entrypointResources ?? {}))
    checkNumber(action, `entrypointResources.${name}`, amount, { min: 0 });
  return {
    submissionId,
    entrypoint: given.entrypoint,
    metadata: given.metadata ?? null,
    runtimeEnv: given.runtimeEnv ?? null,
    workingDirectory,
    stopSignal: resolveStopSignal(action, given.stopSignal, envVars),
    gracePeriodMs: resolveGrace(action, given.gracePeriodMs, envVars, defaults.gracePeriodMs),
    entrypointNumCpus: given.entrypointNumCpus ?? null,
    entrypointNumGpus: given.entrypointNumGpus ?? null,
    entrypointMemory: given.entrypointMemory ?? null,
    entrypointResources: given.entrypointResources ?? null,
  };
}

/** Ray reads these two from the job's environment; anything but SIGINT means SIGTERM there. */
function resolveStopSignal(action: string, given: StopSignal | undefined, env: Environment): StopSignal {
  if (given !== undefined) checkOneOf(action, 'stopSignal', given, ['SIGTERM', 'SIGINT']);
  return given ?? (env.RAY_JOB_STOP_SIGNAL === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
}

function resolveGrace(action: string, given: number | undefined, env: Environment, defaultMs: number): number {
  if (given !== undefined) checkInteger(action, 'gracePeriodMs', given, { min: 0, max: GRACE_MS_MAX });
  const asked = Number(env.RAY_JOB_STOP_WAIT_TIME_S ?? Number.NaN) * 1000;
  const fromEnv = asked >= 0 ? Math.min(Math.round(asked), GRACE_MS_MAX) : undefined;
  return given ?? fromEnv ?? defaultMs;
}

function checkEntrypoint(action: string, entrypoint: unknown): void {
  if (!Array.isArray(entrypoint)) {
    checkText(action, 'entrypoint', entrypoint);
    return;
  }
  for (const word of entrypoint) {
    checkString(action, 'entrypoint', word);
    if (word.includes('\0')) throw withNul(action, 'entrypoint', word);
  }
  if (entrypoint.length === 0 || entrypoint[0] === '')
    throw new RangeError(`Cannot ${action} with entrypoint ${quote(entrypoint)}: expected the program first`);
}

/** Not empty, and nothing that the kernel would cut short. */
function checkText(action: string, name: string, value: unknown): asserts value is string {
  checkString(action, name, value);
  if (value === '') throw new RangeError(`Cannot ${action} with ${name} "": expected text`);
  if (value.includes('\0')) throw withNul(action, name, value);
}

function checkStrings(action: string, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(action, name, value, 'an object of strings');
  for (const [key, text] of Object.entries(value)) checkString(action, `${name}.${key}`, text);
}

/** The kernel's environment is a list of NUL-terminated "NAME=value". */
function checkVariables(action: string, envVars: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(envVars)) {
    if (name === '' || name.includes('='))
      throw new RangeError(`Cannot ${action} with the environment variable ${quote(name)}: it cannot have that name`);
    if (name.includes('\0') || value.includes('\0')) throw withNul(action, `runtimeEnv.envVars.${name}`, value);
  }
}

const withNul = (action: string, name: string, value: string): RangeError =>
  new RangeError(`Cannot ${action} with ${name} ${quote(value)}: it has a NUL character`);

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
