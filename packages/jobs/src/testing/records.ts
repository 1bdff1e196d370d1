/** Records and facts for tests, in any state. */
import type { Exited, Started } from '@heddle/launcher';
import { type JobRecord, type JobRequest, newJobRecord } from '../job-record.ts';

export const NOW_MS = 1_700_000_000_000;

export function request(fields: Partial<JobRequest> = {}): JobRequest {
  return {
    submissionId: 'job_1',
    entrypoint: 'true',
    metadata: null,
    runtimeEnv: null,
    workingDirectory: '/',
    stopSignal: 'SIGTERM',
    gracePeriodMs: 3000,
    logLimitBytes: null,
    logLimitPolicy: null,
    priority: 0,
    timeoutMs: null,
    startTimeoutMs: null,
    maxRetries: 0,
    retryDelayMs: 1000,
    fateSharing: false,
    entrypointNumCpus: null,
    entrypointNumGpus: null,
    entrypointMemory: null,
    entrypointResources: null,
    ...fields,
  };
}

export const pending = (fields: Partial<JobRecord> = {}): JobRecord => ({
  ...newJobRecord(request(), 'attempt_1', NOW_MS),
  ...fields,
});

export const started = (fields: Partial<Started> = {}): Started => ({
  pid: 4711,
  startTime: '100',
  startedAtMs: NOW_MS + 10,
  bootId: 'boot_1',
  pidNamespace: 'pid:[1]',
  logStartOffset: 7,
  ...fields,
});

export const running = (fields: Partial<JobRecord> = {}): JobRecord =>
  pending({ status: 'RUNNING', process: started(), supervisorActorId: 'actor_1', ...fields });

export const exited = (code: number | null, signal: string | null = null): Exited => ({
  code,
  signal,
  endedAtMs: NOW_MS + 20,
  logBytes: 70,
});
