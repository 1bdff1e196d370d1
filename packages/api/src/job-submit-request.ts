/**
 * The body of Ray's POST `/api/jobs/`, checked with Ray's rules and Ray's words: its clients and its tests
 * show and compare the texts.
 *
 * Null keys are dropped, an unknown key that is not null is refused. The client always sends `runtime_env`
 * and `metadata`, at least `{}`; where they are null or missing they stay null in the job's details.
 */
import type { JobSubmission } from './job-submission.ts';
import { checkJson, isJsonObject, pythonClass } from './json-value.ts';
import { fromWireRuntimeEnv, parseWireRuntimeEnv, type WireRuntimeEnv } from './runtime-env.ts';
import { InvalidSubmissionIdError, isSubmissionId } from './submission-id.ts';
import { badRequest, WireError } from './wire-error.ts';

/** Ray: `JobSubmitRequest`. Only what was sent, and not as null, is there. */
export interface JobSubmitRequest {
  readonly entrypoint: string;
  readonly submission_id?: string;
  /** The deprecated name of `submission_id`, which wins over it. */
  readonly job_id?: string;
  readonly runtime_env?: WireRuntimeEnv;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly entrypoint_num_cpus?: number;
  readonly entrypoint_num_gpus?: number;
  readonly entrypoint_memory?: number;
  readonly entrypoint_resources?: Readonly<Record<string, number>>;
  readonly entrypoint_label_selector?: Readonly<Record<string, string>>;
}

/** The answer to it: a strict dataclass in Ray's client, so never one key more. */
export interface JobSubmitResponse {
  readonly job_id: string;
  readonly submission_id: string;
}

type Check = (value: unknown, key: string) => unknown;

const CHECKS: Readonly<Record<keyof JobSubmitRequest, Check>> = {
  entrypoint: parseEntrypoint,
  submission_id: parseOptionalString,
  job_id: parseOptionalString,
  runtime_env: parseWireRuntimeEnv,
  metadata: parseStrings,
  entrypoint_num_cpus: parseNumber,
  entrypoint_num_gpus: parseNumber,
  entrypoint_memory: parseInteger,
  entrypoint_resources: parseNumbers,
  entrypoint_label_selector: parseStrings,
};

/**
 * Checks a parsed body.
 * @throws WireError 400 whose text is Ray's.
 */
export function parseJobSubmitRequest(body: unknown): JobSubmitRequest {
  if (!isJsonObject(body)) throw badRequest(`request body must be a dict, got ${pythonClass(body)}`);
  checkJson(body);
  const request: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    if (value === null) continue;
    if (!Object.hasOwn(CHECKS, key))
      throw badRequest(`JobSubmitRequest.__init__() got an unexpected keyword argument '${key}'`);
    request[key] = CHECKS[key as keyof JobSubmitRequest](value, key);
  }
  if (request.entrypoint === undefined)
    throw badRequest(`JobSubmitRequest.__init__() missing 1 required positional argument: 'entrypoint'`);
  return request as unknown as JobSubmitRequest;
}

/**
 * The same job in the words of programs. An empty id means a generated one.
 * @throws WireError 400 for an id that cannot name a job.
 */
export function toJobSubmission(request: JobSubmitRequest): JobSubmission {
  const submissionId = request.submission_id || request.job_id || undefined;
  if (submissionId !== undefined && !isSubmissionId(submissionId)) throw invalidId(submissionId);
  return {
    entrypoint: request.entrypoint,
    submissionId,
    metadata: request.metadata ?? null,
    runtimeEnv: request.runtime_env === undefined ? null : fromWireRuntimeEnv(request.runtime_env),
    entrypointNumCpus: request.entrypoint_num_cpus,
    entrypointNumGpus: request.entrypoint_num_gpus,
    entrypointMemory: request.entrypoint_memory,
    entrypointResources: request.entrypoint_resources,
  };
}

function invalidId(submissionId: string): WireError {
  const error = new InvalidSubmissionIdError(submissionId);
  return new WireError(400, error.code, error.message);
}

function parseEntrypoint(value: unknown): string {
  if (typeof value !== 'string') throw badRequest(`entrypoint must be a string, got ${pythonClass(value)}`);
  if (value.includes('\0')) throw badRequest('entrypoint must not contain a NUL character');
  return value;
}

function parseOptionalString(value: unknown, key: string): string {
  if (typeof value !== 'string') throw badRequest(`${key} must be a string if provided, got ${pythonClass(value)}`);
  return value;
}

function parseStrings(value: unknown, key: string): Readonly<Record<string, string>> {
  const dict = parseDict(value, key);
  for (const item of Object.values(dict))
    if (typeof item !== 'string') throw badRequest(`${key} values must be strings, got ${pythonClass(item)}`);
  return dict as Readonly<Record<string, string>>;
}

function parseNumbers(value: unknown, key: string): Readonly<Record<string, number>> {
  const dict = parseDict(value, key);
  for (const item of Object.values(dict))
    if (typeof item !== 'number') throw badRequest(`${key} values must be numbers, got ${pythonClass(item)}`);
  return dict as Readonly<Record<string, number>>;
}

function parseDict(value: unknown, key: string): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) throw badRequest(`${key} must be a dict, got ${pythonClass(value)}`);
  return value;
}

function parseNumber(value: unknown, key: string): number {
  if (typeof value !== 'number') throw badRequest(`${key} must be a number, got ${pythonClass(value)}`);
  return value;
}

function parseInteger(value: unknown, key: string): number {
  if (!Number.isInteger(value)) throw badRequest(`${key} must be an integer, got ${pythonClass(value)}`);
  return value as number;
}
