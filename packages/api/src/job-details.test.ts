import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJobDetails } from './job-details.ts';
import type { JobInfo } from './job-info.ts';

const info: JobInfo = {
  submissionId: 'a',
  status: 'STOPPED',
  entrypoint: 'sleep 9',
  message: 'Job was intentionally stopped.',
  errorType: null,
  submittedAtMs: 1,
  startTime: 2,
  endTime: 3,
  metadata: { a: 'b' },
  runtimeEnv: { envVars: { A: '1' } },
  workingDirectory: '/',
  driverExitCode: -15,
  exitCode: null,
  signal: 'SIGTERM',
  driverPid: 42,
  supervisorActorId: null,
  supervisorRestarts: 0,
  attempt: 1,
  priority: 0,
  logLimitBytes: null,
  logLimitPolicy: null,
  pastAttempts: [],
  retryTime: null,
  maxRetries: 0,
  timeoutMs: null,
  startTimeoutMs: null,
  fateSharing: false,
  resources: {},
  logBytes: 0,
  logStartOffset: 0,
};

test('details have exactly the keys of Ray', () => {
  const keys =
    'type job_id submission_id driver_info status entrypoint message error_type start_time end_time metadata runtime_env driver_agent_http_address driver_node_id driver_exit_code';
  assert.deepEqual(Object.keys(toJobDetails(info)), keys.split(' '));
});

test('a stopped job shows no exit code, a killed one a negative number', () => {
  assert.equal(toJobDetails(info).driver_exit_code, null);
  assert.equal(toJobDetails({ ...info, status: 'FAILED' }).driver_exit_code, -15);
});

test('driver info is strings, and null while no process is known', () => {
  assert.deepEqual(toJobDetails(info).driver_info, { id: 'a', node_ip_address: '127.0.0.1', pid: '42' });
  assert.equal(toJobDetails({ ...info, driverPid: null }).driver_info, null);
  assert.deepEqual(toJobDetails(info).runtime_env, { env_vars: { A: '1' } });
});
