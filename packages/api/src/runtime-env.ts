/**
 * What a job's process is given beside its command: Ray's `runtime_env`, of which Heddle supports two fields.
 *
 * `RuntimeEnv` is what programs write, `WireRuntimeEnv` the same on the wire; neither loses anything of the
 * other. A field that is not supported is refused by name: a job that silently lacks its packages is worse.
 */
import { isJsonObject, pythonClass } from './json-value.ts';
import { badRequest } from './wire-error.ts';

export interface RuntimeEnv {
  /** Set in the job's environment; `${VAR}` and `$VAR` expand against what the job inherits. */
  readonly envVars?: Readonly<Record<string, string>> | undefined;
  /** The directory the process starts in: a path on the daemon's host, or `gcs://<package>`. */
  readonly workingDir?: string | undefined;
}

/** Ray's spelling. */
export interface WireRuntimeEnv {
  readonly env_vars?: Readonly<Record<string, string>>;
  readonly working_dir?: string;
}

export function toWireRuntimeEnv(runtimeEnv: RuntimeEnv): WireRuntimeEnv {
  return {
    ...(runtimeEnv.envVars !== undefined && { env_vars: runtimeEnv.envVars }),
    ...(runtimeEnv.workingDir !== undefined && { working_dir: runtimeEnv.workingDir }),
  };
}

export function fromWireRuntimeEnv(wire: WireRuntimeEnv): RuntimeEnv {
  return {
    ...(wire.env_vars !== undefined && { envVars: wire.env_vars }),
    ...(wire.working_dir !== undefined && { workingDir: wire.working_dir }),
  };
}

/** @throws WireError 400, in Ray's words where Ray has words. */
export function parseWireRuntimeEnv(value: unknown): WireRuntimeEnv {
  if (!isJsonObject(value)) throw badRequest(`runtime_env must be a dict, got ${pythonClass(value)}`);
  const parsed: { env_vars?: Record<string, string>; working_dir?: string } = {};
  for (const [field, given] of Object.entries(value)) {
    if (given === null) continue;
    if (field === 'env_vars') parsed.env_vars = parseEnvVars(given);
    else if (field === 'working_dir') parsed.working_dir = parseWorkingDir(given);
    else throw badRequest(`runtime_env field '${field}' is not supported, supported are 'env_vars' and 'working_dir'`);
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
  if (value.includes('\0')) throw badRequest(`runtime_env['working_dir'] has a NUL character`);
  return value;
}
