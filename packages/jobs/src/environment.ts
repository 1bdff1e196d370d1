/**
 * The whole environment of a job, built from nothing.
 *
 * A job inherits an allow-list, what the daemon's operator adds to it, and what the job itself asks for: no
 * token, no NODE_OPTIONS, nothing that happened to be set where the daemon was started. What Heddle sets
 * about the job's identity cannot be overridden, for the marker is how its processes are found again.
 */
import { toWireRuntimeEnv } from '@heddle/api';
import { JOB_ID_VARIABLE, JOB_MARK_VARIABLE } from '@heddle/launcher';
import type { JobRecord } from './job-record.ts';

/** A process environment as data. */
export type Environment = Readonly<Record<string, string | undefined>>;

const INHERITED: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TZ',
  'TMPDIR',
  'VIRTUAL_ENV',
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
];

/** Where Ray's driver library looks for its job's runtime_env and metadata. */
export const JOB_CONFIG_VARIABLE = 'RAY_JOB_CONFIG_JSON_ENV_VAR';

/** Which attempt at the job this is; counts from 1. */
export const JOB_ATTEMPT_VARIABLE = 'HEDDLE_JOB_ATTEMPT';

/** What of `environment` every job inherits: the allow-list, LC_*, and the names in `passEnv`. */
export function inheritedEnvironment(environment: Environment, passEnv: readonly string[] = []): Environment {
  const passed = new Set(passEnv);
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (INHERITED.includes(name) || name.startsWith('LC_') || passed.has(name)) inherited[name] = value;
  }
  return inherited;
}

/**
 * The environment of one attempt at a job. `inherited` is what `inheritedEnvironment` gave; `modules` a directory in
 * which Python is to find modules.
 */
export function jobEnvironment(
  inherited: Environment,
  record: JobRecord,
  mark: string,
  modules?: string,
): Record<string, string> {
  const base: Record<string, string> = { PYTHONUNBUFFERED: '1' };
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) base[name] = value;

  const asked: Record<string, string> = {};
  for (const [name, value] of Object.entries(record.runtimeEnv?.envVars ?? {})) asked[name] = expand(value, base);
  const pythonPath = [modules, asked.PYTHONPATH ?? base.PYTHONPATH].filter((part) => part !== undefined && part !== '');
  return {
    ...base,
    [JOB_CONFIG_VARIABLE]: jobConfig(record),
    ...asked,
    ...(modules !== undefined && { PYTHONPATH: pythonPath.join(':') }),
    [JOB_ID_VARIABLE]: record.submissionId,
    [JOB_ATTEMPT_VARIABLE]: String(record.attempt),
    [JOB_MARK_VARIABLE]: mark,
  };
}

/**
 * `${VAR}` and `$VAR` replaced from `environment`, as Ray does it: an unknown `${VAR}` becomes nothing, an
 * unknown `$VAR` stays as it is, and what was put in is not expanded again.
 */
export function expand(text: string, environment: Environment): string {
  return text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (found, plain: string | undefined, braced: string | undefined) => {
    const name = plain ?? braced ?? '';
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value !== undefined) return value;
    return braced !== undefined && /^[A-Z0-9_]+$/.test(braced) ? '' : found;
  });
}

function jobConfig(record: JobRecord): string {
  const metadata = { job_submission_id: record.submissionId, job_name: record.submissionId, ...record.metadata };
  return JSON.stringify({ runtime_env: toWireRuntimeEnv(record.runtimeEnv ?? {}), metadata });
}
