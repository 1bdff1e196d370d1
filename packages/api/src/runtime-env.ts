/**
 * What a job's process is given beside its command: Ray's `runtime_env`, of which Heddle supports `env_vars`,
 * `working_dir` and `config.setup_timeout_seconds`, and adds `setup`.
 *
 * `RuntimeEnv` is what programs write, `WireRuntimeEnv` the same on the wire; neither loses anything of the
 * other. A field that is not supported is refused by name: a job that silently lacks its packages is worse.
 */
import { isJsonObject, pythonClass } from './json-value.ts';
import { fromPackageUri, isPackageName } from './package-uri.ts';
import { badRequest } from './wire-error.ts';

export interface RuntimeEnv {
  /** Set in the job's environment; `${VAR}` and `$VAR` expand against what the job inherits. */
  readonly envVars?: Readonly<Record<string, string>> | undefined;
  /** The directory the process starts in: a path on the daemon's host, or an uploaded package, `gcs://<name>`. */
  readonly workingDir?: string | undefined;
  /** Runs before the first attempt, once, in the same directory and environment; if it fails, so does the job. */
  readonly setup?: string | readonly string[] | undefined;
  /** How long that may take; default 600,000 ms. */
  readonly setupTimeoutMs?: number | undefined;
  /** Ray's, which its clients send by themselves; here an environment is set up when its job's turn has come. */
  readonly eagerInstall?: boolean | undefined;
}

/** Ray's spelling. */
export interface WireRuntimeEnv {
  readonly env_vars?: Readonly<Record<string, string>>;
  readonly working_dir?: string;
  /** Heddle's own. */
  readonly setup?: string | readonly string[];
  readonly config?: { readonly setup_timeout_seconds?: number; readonly eager_install?: boolean };
}

export function toWireRuntimeEnv(runtimeEnv: RuntimeEnv): WireRuntimeEnv {
  const { envVars, workingDir, setup, setupTimeoutMs, eagerInstall } = runtimeEnv;
  const config = {
    ...(setupTimeoutMs !== undefined && { setup_timeout_seconds: setupTimeoutMs / 1000 }),
    ...(eagerInstall !== undefined && { eager_install: eagerInstall }),
  };
  return {
    ...(envVars !== undefined && { env_vars: envVars }),
    ...(workingDir !== undefined && { working_dir: workingDir }),
    ...(setup !== undefined && { setup }),
    ...(Object.keys(config).length > 0 && { config }),
  };
}

export function fromWireRuntimeEnv(wire: WireRuntimeEnv): RuntimeEnv {
  const { setup_timeout_seconds: seconds, eager_install: eagerInstall } = wire.config ?? {};
  return {
    ...(wire.env_vars !== undefined && { envVars: wire.env_vars }),
    ...(wire.working_dir !== undefined && { workingDir: wire.working_dir }),
    ...(wire.setup !== undefined && { setup: wire.setup }),
    ...(seconds !== undefined && { setupTimeoutMs: Math.round(seconds * 1000) }),
    ...(eagerInstall !== undefined && { eagerInstall }),
  };
}

/** A day. */
const SETUP_SECONDS_MAX = 86_400;

const FIELDS: Readonly<Record<keyof WireRuntimeEnv, (value: unknown) => unknown>> = {
  env_vars: parseEnvVars,
  working_dir: parseWorkingDir,
  setup: parseSetup,
  config: parseConfig,
};

/** @throws WireError 400, in Ray's words where Ray has words. */
export function parseWireRuntimeEnv(value: unknown): WireRuntimeEnv {
  if (!isJsonObject(value)) throw badRequest(`runtime_env must be a dict, got ${pythonClass(value)}`);
  const parsed: Record<string, unknown> = {};
  for (const [field, given] of Object.entries(value)) {
    if (given === null) continue;
    if (!Object.hasOwn(FIELDS, field))
      throw badRequest(
        `runtime_env field '${field}' is not supported, supported are 'env_vars', 'working_dir', 'setup' and 'config'`,
      );
    parsed[field] = FIELDS[field as keyof WireRuntimeEnv](given);
  }
  return parsed;
}

function parseEnvVars(value: unknown): Record<string, string> {
  if (!isJsonObject(value))
    throw badRequest(`runtime_env['env_vars'] must be of type Dict[str, str], got ${pythonClass(value)}`);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw badRequest(
        `runtime_env['env_vars'] must be of type Dict[str, str], but the value of '${name}' is of ${pythonClass(text)}`,
      );
    // The kernel's environment is a list of NUL-terminated "NAME=value": such a name or value cannot be given.
    if (name === '' || name.includes('=') || name.includes('\0'))
      throw badRequest(`runtime_env['env_vars'] has the impossible name ${JSON.stringify(name)}`);
    if (text.includes('\0')) throw badRequest(`runtime_env['env_vars'] has a NUL character in the value of '${name}'`);
  }
  return value as Record<string, string>;
}

function parseWorkingDir(value: unknown): string {
  if (typeof value !== 'string')
    throw badRequest(`runtime_env['working_dir'] must be a string, got ${pythonClass(value)}`);
  const problem = findWorkingDirProblem(value);
  if (problem !== undefined) throw badRequest(`runtime_env['working_dir'] ${problem}`);
  return value;
}

/** Why this cannot be a working directory; undefined: it can. */
export function findWorkingDirProblem(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (value.includes('\0')) return 'has a NUL character';
  const name = fromPackageUri(value);
  if (name !== undefined && !isPackageName(name))
    return `names no package: expected gcs:// and a name that ends in .zip`;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(value)?.[1];
  if (name === undefined && scheme !== undefined)
    return `cannot be fetched over ${scheme}: expected a directory of the daemon's host, or gcs:// and an uploaded package`;
  return undefined;
}

function parseSetup(value: unknown): string | readonly string[] {
  const words = Array.isArray(value) ? value : [value];
  if (words.length === 0 || !words.every((word) => typeof word === 'string'))
    throw badRequest(`runtime_env['setup'] must be a command or a list of words, got ${pythonClass(value)}`);
  if (words[0] === '') throw badRequest(`runtime_env['setup'] is empty`);
  if (words.some((word) => word.includes('\0'))) throw badRequest(`runtime_env['setup'] has a NUL character`);
  return value as string | readonly string[];
}

function parseConfig(value: unknown): WireRuntimeEnv['config'] {
  if (!isJsonObject(value)) throw badRequest(`runtime_env['config'] must be a dict, got ${pythonClass(value)}`);
  const { setup_timeout_seconds: seconds, eager_install: eagerInstall, ...rest } = value;
  for (const field of Object.keys(rest))
    throw badRequest(
      `runtime_env['config'] field '${field}' is not supported, supported are 'setup_timeout_seconds' and 'eager_install'`,
    );
  if ((eagerInstall ?? null) !== null && typeof eagerInstall !== 'boolean')
    throw badRequest(`runtime_env['config']['eager_install'] must be a bool, got ${pythonClass(eagerInstall)}`);
  if ((seconds ?? null) !== null && !(typeof seconds === 'number' && seconds >= 0.001 && seconds <= SETUP_SECONDS_MAX))
    throw badRequest(
      `runtime_env['config']['setup_timeout_seconds'] must be a number from 0.001 to ${SETUP_SECONDS_MAX}`,
    );
  return {
    ...(typeof seconds === 'number' && { setup_timeout_seconds: seconds }),
    ...(typeof eagerInstall === 'boolean' && { eager_install: eagerInstall }),
  };
}
