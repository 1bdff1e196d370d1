/**
 * A job as it is asked for: by a program, and on the wire of Heddle's own route. Ray's route carries less;
 * `job-submit-request.ts` is its body.
 */
import { quote } from '@heddle/base';
import { checkJson, isJsonObject } from './json-value.ts';
import { fromWireRuntimeEnv, parseWireRuntimeEnv, type RuntimeEnv } from './runtime-env.ts';
import { badRequest } from './wire-error.ts';

/** The signal that asks a job to stop. */
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** The signals that may ask a job to stop. Ray has the first two. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** What happens to a job whose log is longer than it may be. */
export type LogLimitPolicy = (typeof LOG_LIMIT_POLICIES)[number];

/** `truncate`: what comes after the limit is dropped. `stop`: the job is stopped, and has FAILED. */
export const LOG_LIMIT_POLICIES = ['truncate', 'stop'] as const;

/** Ray: the arguments of `JobSubmissionClient.submit_job`, in camelCase, and Heddle's own. */
export interface JobSubmission {
  /** A string goes to `/bin/sh -c` as it stands; a list is executed exactly, without a shell. */
  readonly entrypoint: string | readonly string[];
  /** The job's id, if the caller chooses it. */
  readonly submissionId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly runtimeEnv?: RuntimeEnv | null | undefined;
  /** Where the process starts if `runtimeEnv` has no `workingDir`, an absolute path on the daemon's host; default: the daemon's own directory. */
  readonly workingDirectory?: string | undefined;
  /** How long a stopped job may take to end before it is killed; default 3,000 ms. */
  readonly gracePeriodMs?: number | undefined;
  /** Default SIGTERM. SIGKILL follows after the grace. */
  readonly stopSignal?: StopSignal | undefined;
  /** How long an attempt may run; then it is ended as by a stop, and has failed with JOB_TIMEOUT. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /**
   * How long the job may wait before it runs, from its submission; then it is FAILED with
   * JOB_SUPERVISOR_ACTOR_START_TIMEOUT. Default: its turn may take as long as it takes; but a job that asks for more
   * than the daemon has fails after 900 s, as in Ray.
   */
  readonly startTimeoutMs?: number | undefined;
  /** How often a failed attempt is made again; default 0. With it a job runs at least once, without it at most once. */
  readonly maxRetries?: number | undefined;
  /** The back-off before the first retry; each is twice the one before, up to 60 s. Default 1,000 ms. */
  readonly retryDelayMs?: number | undefined;
  /**
   * The job ends when its supervisor dies, as in Ray: FAILED with JOB_SUPERVISOR_ACTOR_DIED. Where the supervisor
   * went with its daemon, the next daemon ends the job. Default false: the next supervisor takes over the process.
   */
  readonly fateSharing?: boolean | undefined;
  /** How long its log may become, in bytes; looked at once a second. Default, and the most it may ask for: the daemon's limit. */
  readonly logLimitBytes?: number | undefined;
  /** What happens to a longer one: `truncate` keeps its first bytes, `stop` ends the job. Default: the daemon's policy. */
  readonly logLimitPolicy?: LogLimitPolicy | undefined;
  /** What it asks for of the daemon's processors: accounted, not enforced; it waits until that is free. Default 0. */
  readonly entrypointNumCpus?: number | undefined;
  readonly entrypointNumGpus?: number | undefined;
  /** Bytes. */
  readonly entrypointMemory?: number | undefined;
  /** Of the resources that the daemon's operator has named. */
  readonly entrypointResources?: Readonly<Record<string, number>> | undefined;
  /** Of the jobs that wait, those with a higher one go first; default 0. */
  readonly priority?: number | undefined;
  /** With a `submissionId` that is taken: gives that id instead of failing, so that a submission may be repeated. */
  readonly ifNotExists?: boolean | undefined;
}

/** The answer of Heddle's own route. */
export interface JobSubmissionAnswer {
  readonly submissionId: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isRecordOf = (isItem: (item: unknown) => boolean) => (value: unknown) =>
  isJsonObject(value) && Object.values(value).every(isItem);

const FIELDS: Readonly<Record<keyof JobSubmission, { is: (value: unknown) => boolean; expected: string }>> = {
  entrypoint: {
    is: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
    expected: 'a string or a list of strings',
  },
  submissionId: { is: isText, expected: 'a string' },
  metadata: { is: isRecordOf(isText), expected: 'an object of strings' },
  runtimeEnv: { is: isJsonObject, expected: 'an object' },
  workingDirectory: { is: isText, expected: 'a string' },
  gracePeriodMs: { is: isNumber, expected: 'a number of milliseconds' },
  stopSignal: { is: isText, expected: 'the name of a signal' },
  timeoutMs: { is: isNumber, expected: 'a number of milliseconds' },
  startTimeoutMs: { is: isNumber, expected: 'a number of milliseconds' },
  maxRetries: { is: isNumber, expected: 'a number' },
  retryDelayMs: { is: isNumber, expected: 'a number of milliseconds' },
  fateSharing: { is: isBoolean, expected: 'true or false' },
  logLimitBytes: { is: isNumber, expected: 'a number of bytes' },
  logLimitPolicy: { is: isText, expected: '"truncate" or "stop"' },
  entrypointNumCpus: { is: isNumber, expected: 'a number' },
  entrypointNumGpus: { is: isNumber, expected: 'a number' },
  entrypointMemory: { is: isNumber, expected: 'a number of bytes' },
  entrypointResources: { is: isRecordOf(isNumber), expected: 'an object of numbers' },
  priority: { is: isNumber, expected: 'a number' },
  ifNotExists: { is: isBoolean, expected: 'true or false' },
};

/**
 * Checks a parsed body of Heddle's own route: its keys and their types. Null keys are dropped. Ranges are
 * the job manager's to check, as for a program that calls it.
 * @throws WireError 400
 */
export function parseJobSubmission(body: unknown): JobSubmission {
  if (!isJsonObject(body)) throw badRequest(`Cannot submit a job with body ${quote(body)}: expected an object`);
  checkJson(body);
  const submission: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    if (value === null) continue;
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key as keyof JobSubmission] : undefined;
    if (field === undefined) throw badRequest(`Cannot submit a job with ${quote(key)}: no such option`);
    if (!field.is(value))
      throw badRequest(`Cannot submit a job with ${key} ${quote(value)}: expected ${field.expected}`);
    submission[key] = key === 'runtimeEnv' ? parseRuntimeEnv(value) : value;
  }
  if (submission.entrypoint === undefined) throw badRequest('Cannot submit a job: it has no entrypoint');
  return submission as unknown as JobSubmission;
}

function parseRuntimeEnv(value: unknown): RuntimeEnv {
  const { envVars, workingDir, setup, setupTimeoutMs, eagerInstall, ...rest } = value as Readonly<
    Record<string, unknown>
  >;
  for (const field of Object.keys(rest))
    throw badRequest(
      `Cannot submit a job with runtimeEnv field ${quote(field)}: supported are "envVars", "workingDir", "setup" and "setupTimeoutMs"`,
    );
  if (typeof setupTimeoutMs !== 'number' && (setupTimeoutMs ?? null) !== null)
    throw badRequest(`Cannot submit a job with setupTimeoutMs ${quote(setupTimeoutMs)}: expected a number`);
  const seconds = typeof setupTimeoutMs === 'number' ? setupTimeoutMs / 1000 : null;
  const config = { setup_timeout_seconds: seconds, eager_install: eagerInstall ?? null };
  return fromWireRuntimeEnv(
    parseWireRuntimeEnv({ env_vars: envVars ?? null, working_dir: workingDir ?? null, setup: setup ?? null, config }),
  );
}
