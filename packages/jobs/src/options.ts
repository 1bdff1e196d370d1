/**
 * The options of the job manager: their defaults, and the one place where they are checked. Everything below
 * trusts what comes out of here. A submission's are in `submission.ts`.
 */
import { availableParallelism, totalmem } from 'node:os';
import type { Runtime } from '@heddle/actors';
import {
  type Clock,
  checkInteger,
  checkKnown,
  checkNumber,
  checkOneOf,
  checkString,
  type IdSource,
  type Logger,
  randomIds,
  realClock,
  silentLogger,
  wrongType,
} from '@heddle/base';
import type { ContainmentChoice } from '@heddle/launcher';
import type { Amounts } from './amounts.ts';
import type { Environment } from './environment.ts';
import { checkAmounts, checkText, withoutUndefined } from './option-checks.ts';

/** Options of `JobManager.open`. Only `directory` must be given. */
export interface JobManagerOptions {
  /** The state directory; made if it is not there. One manager at a time may use it. */
  readonly directory: string;
  /** Where the supervisors live. Given: it stays the caller's, and so do the supervisors. Default: one of the manager's own. */
  readonly runtime?: Runtime | undefined;
  /** How many jobs run at once; the rest wait in order. Default: 8 for each processor. */
  readonly maxRunningJobs?: number | undefined;
  /** How many jobs may wait for their turn; a submission beyond it is refused. Default 100,000. */
  readonly maxPendingJobs?: number | undefined;
  /** What `entrypointNumCpus` is counted against. Default: the processors that this process may use. */
  readonly numCpus?: number | undefined;
  /** What `entrypointNumGpus` is counted against. Default 0. */
  readonly numGpus?: number | undefined;
  /** What `entrypointMemory` is counted against, in bytes. Default: the machine's, or what this process is confined to. */
  readonly memory?: number | undefined;
  /** What `entrypointResources` are counted against, by name. Default: none. */
  readonly resources?: Amounts | undefined;
  /** After how long a job fails that asks for more than there is; a job's own `startTimeoutMs` counts instead. Default 900,000 ms. */
  readonly startTimeoutMs?: number | undefined;
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
  /** How many bytes of their logs are kept; beyond it the oldest are deleted, their records too. Default 10 GiB. */
  readonly retainedLogBytes?: number | undefined;
  /** How long a finished job is remembered; null, the default: however old it is. */
  readonly retainedAgeMs?: number | null | undefined;
  /** How long an uploaded package stays that no unfinished job names, from when it was last used. Default 600,000 ms. */
  readonly retainedPackageMs?: number | undefined;
  /** How many bytes all uploaded packages may have together; the next is refused. Default 10 GiB. */
  readonly packageBytesMax?: number | undefined;
  /** How long a job's log may become, in bytes; looked at once a second. Default 1 GiB. */
  readonly logBytesMax?: number | undefined;
  /**
   * What happens to a longer one. `truncate`: its first `logBytesMax` bytes are kept and what follows is dropped.
   * `stop`: the job is stopped and FAILED with JOB_LOG_LIMIT_EXCEEDED. A marker line says which. Default `truncate`.
   */
  readonly logLimitPolicy?: 'truncate' | 'stop' | undefined;
  /**
   * What holds a job's processes together, so that its end is the end of all of them. `cgroup`: a control group (cgroup
   * v2), which nothing leaves; `open` rejects where none can be made. `marker`: a mark in their environment, which a
   * process that clears it, leaves its session and loses its parent is out of reach of. `auto`, the default: a control
   * group where one can be made, else the marker.
   */
  readonly containment?: ContainmentChoice | undefined;
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
  maxPendingJobs: 100_000,
  numGpus: 0,
  startTimeoutMs: 900_000,
  gracePeriodMs: 3_000,
  pingPeriodMs: 1_000,
  pingTimeoutMs: 5_000,
  pingThreshold: 3,
  launcherIdleMs: 5_000,
  sweepPeriodMs: 30_000,
  retainedJobs: 10_000,
  retainedLogBytes: 10 * 1024 ** 3,
  retainedAgeMs: null,
  retainedPackageMs: 600_000,
  packageBytesMax: 10 * 1024 ** 3,
  logBytesMax: 2 ** 30,
  logLimitPolicy: 'truncate',
  containment: 'auto',
} as const;

/** Jobs at once for each processor, unless told otherwise. */
const JOBS_PER_PROCESSOR = 8;

const MANAGER_OPTIONS: readonly (keyof JobManagerOptions)[] = [
  'directory',
  'runtime',
  'maxRunningJobs',
  'maxPendingJobs',
  'numCpus',
  'numGpus',
  'memory',
  'resources',
  'startTimeoutMs',
  'gracePeriodMs',
  'pingPeriodMs',
  'pingTimeoutMs',
  'pingThreshold',
  'launcherIdleMs',
  'sweepPeriodMs',
  'retainedJobs',
  'retainedLogBytes',
  'retainedAgeMs',
  'retainedPackageMs',
  'packageBytesMax',
  'logBytesMax',
  'logLimitPolicy',
  'containment',
  'passEnv',
  'environment',
  'workingDirectory',
  'clock',
  'ids',
  'logger',
];

/** What is handed in to be called, and by what it is known. */
const PARTS = [
  ['runtime', 'provideToSystemThread'],
  ['clock', 'monotonicMs'],
  ['ids', 'next'],
  ['logger', 'info'],
] as const;

/** The least that each may be. */
const LEAST = {
  maxRunningJobs: 1,
  maxPendingJobs: 1,
  startTimeoutMs: 1,
  gracePeriodMs: 0,
  pingPeriodMs: 1,
  pingTimeoutMs: 1,
  pingThreshold: 1,
  launcherIdleMs: 0,
  sweepPeriodMs: 1,
  retainedJobs: 0,
  retainedLogBytes: 0,
  retainedPackageMs: 0,
  packageBytesMax: 1,
  logBytesMax: 1,
} as const satisfies Readonly<Partial<Record<keyof JobManagerOptions, number>>>;

const ACTION = 'open a job manager';

/** @throws TypeError for an unknown option or a wrong type, RangeError for a value out of range; both quote it. */
export function resolveJobManagerOptions(given: JobManagerOptions): ResolvedJobManagerOptions {
  checkKnown(ACTION, given, MANAGER_OPTIONS);
  const options = withDefaults(given);
  checkNumbers(options);
  checkText(ACTION, 'directory', options.directory);
  checkText(ACTION, 'workingDirectory', options.workingDirectory);
  checkOneOf(ACTION, 'logLimitPolicy', options.logLimitPolicy, ['truncate', 'stop']);
  checkOneOf(ACTION, 'containment', options.containment, ['auto', 'cgroup', 'marker']);
  if (!Array.isArray(options.passEnv)) throw wrongType(ACTION, 'passEnv', options.passEnv, 'a list of names');
  for (const name of options.passEnv) checkString(ACTION, 'passEnv', name);
  checkParts(options);
  return options;
}

const withDefaults = (given: JobManagerOptions): ResolvedJobManagerOptions => ({
  ...DEFAULT_JOB_MANAGER_OPTIONS,
  runtime: undefined,
  maxRunningJobs: availableParallelism() * JOBS_PER_PROCESSOR,
  numCpus: availableParallelism(),
  memory: memoryHere(),
  resources: {},
  passEnv: [],
  environment: process.env,
  workingDirectory: process.cwd(),
  clock: realClock,
  ids: randomIds,
  logger: silentLogger,
  ...withoutUndefined(given),
});

function checkNumbers(options: ResolvedJobManagerOptions): void {
  for (const [name, min] of Object.entries(LEAST) as [keyof typeof LEAST, number][])
    checkInteger(ACTION, name, options[name], { min });
  if (options.retainedAgeMs !== null) checkInteger(ACTION, 'retainedAgeMs', options.retainedAgeMs, { min: 0 });
  for (const name of ['numCpus', 'numGpus', 'memory'] as const) checkNumber(ACTION, name, options[name], { min: 0 });
  checkAmounts(ACTION, 'resources', options.resources);
}

function checkParts(options: ResolvedJobManagerOptions): void {
  for (const [name, method] of PARTS) {
    const part: object | undefined = options[name];
    if (part !== undefined && typeof (part as Readonly<Record<string, unknown>>)[method] !== 'function')
      throw wrongType(ACTION, name, part, `an object with the method "${method}"`);
  }
}

/** Everything that jobs may ask for, by name. */
export const toCapacity = (options: ResolvedJobManagerOptions): Amounts => ({
  CPU: options.numCpus,
  GPU: options.numGpus,
  memory: options.memory,
  ...options.resources,
});

/** A container's limit is less than its machine's memory; none reads as 0, or as more than there is. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
